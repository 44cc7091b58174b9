import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createWriteReport } from '../../../activities/run/write-report';
import { verifyJsonReport } from '../../../report/json';
import { doneFacts, hostileFacts, sampleRun, usedCode, waitingFacts } from '../../support/looks/facts';

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

test('the same run writes over its own files, another one of the same id does not', async () => {
  const write = createWriteReport({ reportsFolder: folder });
  const first = await write({ facts: waitingFacts() });
  expect(await write({ facts: doneFacts() })).toEqual(first);
  expect(await readFile(first.markdown, 'utf8')).toContain(': done');
  await write({ facts: doneFacts({ run: { ...sampleRun, firstRun: 'another' } }) });
  expect((await readdir(folder)).filter((name) => name.endsWith('.md'))).toHaveLength(2);
});

test('what an attempt that died left behind is written over', async () => {
  const write = createWriteReport({ reportsFolder: folder });
  const { markdown } = await write({ facts: waitingFacts() });
  await writeFile(`${markdown}.partial`, 'half of a rep');
  await write({ facts: doneFacts() });
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
