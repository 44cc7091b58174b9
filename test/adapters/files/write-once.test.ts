import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeOnce } from '../../../adapters/files/write-once';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rubicon-once-'));
  file = path.join(folder, 'a file');
});

afterEach(() => rmSync(folder, { recursive: true }));

it('gives the file its name when it is whole', async () => {
  await writeOnce(file, async (handle) => {
    await handle.appendFile('half, ');
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^a file\.[0-9a-f]{8}\.partial$/)]);
    await handle.appendFile('whole');
  });
  expect(readdirSync(folder)).toEqual(['a file']);
  expect(readFileSync(file, 'utf8')).toBe('half, whole');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('leaves nothing when writing fails', async () => {
  const failure = new Error('no more');
  await expect(writeOnce(file, () => Promise.reject(failure))).rejects.toBe(failure);
  expect(readdirSync(folder)).toEqual([]);
});

it.each([
  ['a file', () => writeFileSync(file, 'older')],
  ['a link to nowhere', () => symlinkSync('/nowhere', file)],
])('never writes over %s', async (_what, make) => {
  make();
  const write = jest.fn();
  await expect(writeOnce(file, write)).rejects.toThrow(`expected no file at ${file}, found one`);
  expect(write).not.toHaveBeenCalled();
});

it('never writes over one that appeared meanwhile', async () => {
  const writing = writeOnce(file, async (handle) => {
    await handle.appendFile('ours');
    writeFileSync(file, 'of someone else');
  });
  await expect(writing).rejects.toThrow('EEXIST');
  expect(readdirSync(folder)).toEqual(['a file']);
  expect(readFileSync(file, 'utf8')).toBe('of someone else');
});

it('fails when a later attempt has taken its place', async () => {
  const writing = writeOnce(file, () => writeOnce(file, (handle) => handle.appendFile('of the later one')));
  await expect(writing).rejects.toThrow('ENOENT');
  expect(readFileSync(file, 'utf8')).toBe('of the later one');
});
