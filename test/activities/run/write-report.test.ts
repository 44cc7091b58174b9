import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createWriteReport } from '../../../activities/run/write-report';
import { verifyJsonReport } from '../../../report/json';
import { doneFacts, hostileFacts, sampleRun, usedCode } from '../../support/looks/facts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rubicon-report-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the report is a Markdown and a JSON file that verifies, named after target, plan and run', async () => {
  const { markdown } = await createWriteReport({ reportsFolder: join(folder, 'new', 'reports') })({
    facts: doneFacts(),
  });
  expect(basename(markdown)).toMatch(/^agent-api-drop-plaintext-api-keys-2026-11-[0-9a-f]{8}\.md$/);
  const text = await readFile(markdown, 'utf8');
  expect(text).toMatch(/^# ✓ drop-plaintext-api-keys on agent-api: done/);
  const json = await readFile(markdown.replace(/md$/, 'json'), 'utf8');
  expect(verifyJsonReport(json)).toMatchObject({ ok: true });
  expect(text + json).not.toContain(usedCode);
  expect((await stat(markdown)).mode & 0o777).toBe(0o640);
});

test('what was written stays: the same again is found, and what says something else stands beside it', async () => {
  const write = createWriteReport({ reportsFolder: folder });
  const first = await write({ facts: doneFacts() });
  const text = await readFile(first.markdown, 'utf8');
  expect(await write({ facts: doneFacts() })).toEqual(first);
  const lie = doneFacts({ because: 'as somebody else would have it' });
  const second = await write({ facts: lie });
  expect(second.markdown).toBe(first.markdown.replace(/\.md$/, '-2.md'));
  expect(await write({ facts: lie })).toEqual(second);
  expect(await readFile(first.markdown, 'utf8')).toBe(text);
  expect(verifyJsonReport(await readFile(first.markdown.replace(/md$/, 'json'), 'utf8'))).toMatchObject({ ok: true });
  await write({ facts: doneFacts({ run: { ...sampleRun, firstRun: 'another' } }) });
  expect((await readdir(folder)).filter((name) => name.endsWith('.md'))).toHaveLength(3);
});

test('what an attempt that died left behind is written over', async () => {
  const write = createWriteReport({ reportsFolder: folder });
  const { markdown } = await write({ facts: doneFacts() });
  await writeFile(`${markdown}.partial`, 'half of a rep');
  await writeFile(markdown.replace(/md$/, 'json'), 'of a worker that died before the other');
  await rm(markdown);
  await write({ facts: doneFacts() });
  expect(verifyJsonReport(await readFile(markdown.replace(/md$/, 'json'), 'utf8'))).toMatchObject({ ok: true });
  expect(await readdir(folder)).toEqual([basename(markdown).replace(/md$/, 'json'), basename(markdown)]);
});

test.each(['../../outside', '/etc/passwd', '..', '', 'a\u0000b', 'ä/ö', 'x'.repeat(1_000)])(
  'the workflow id %j stays within the folder',
  async (workflowId) => {
    const run = { ...sampleRun, workflowId, target: '../..' };
    const { markdown } = await createWriteReport({ reportsFolder: folder })({ facts: doneFacts({ run }) });
    expect(dirname(markdown)).toBe(folder);
    expect(basename(markdown)).toMatch(/^[A-Za-z0-9][A-Za-z0-9-]{0,200}\.md$/);
  },
);

test('hostile texts are written like any others', async () => {
  const { markdown } = await createWriteReport({ reportsFolder: folder })({ facts: hostileFacts() });
  expect(verifyJsonReport(await readFile(markdown.replace(/md$/, 'json'), 'utf8'))).toMatchObject({ ok: true });
});

test('a folder that cannot be written to is an error that names it', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  await chmod(file, 0o400);
  await expect(createWriteReport({ reportsFolder: file })({ facts: doneFacts() })).rejects.toThrow(file);
});
