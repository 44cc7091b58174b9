import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, commandProcess } from '../support/looks/command-line';

const planFile = join(__dirname, '../../plans/drop-plaintext-api-keys/plan.yaml');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rubicon-usage-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A copy of the plan, changed. */
async function plan(name: string, change: (text: string) => string): Promise<string> {
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, 'plan.yaml'), change(await readFile(planFile, 'utf8')));
  return join(folder, name);
}

test.each([
  [['nonsense'], "unknown command 'nonsense'"],
  [['statsu', 'x'], '(Did you mean status?)'],
  [['status'], "missing required argument 'rollout'"],
  [['start'], "plan: expected the name of a plan's folder, found nothing"],
  [['start'], 'requestedBy: expected your name as the settings have it, found nothing'],
  [['start', '--plan', 'p'], '"requestedBy": "maria"'],
  [['start', '--plan', 'p', '--requested-by', 'm', '--until', 'friday'], 'Allowed choices are preflight, staging'],
  [['start', '--plan', 'p', '--requested-by', 'm', '--wait', 'soon'], 'Expected a duration such as'],
  [
    ['start', '--plan', 'p', '--requested-by', 'm', '--not-before', 'noon'],
    'notBefore: expected an instant such as "2026-11-24T22:00:00Z", found "noon"',
  ],
  [['start', '--plan', '', '--requested-by', 'm'], 'plan: expected'],
  [['status', 'x', '-o', 'yaml'], 'Allowed choices are text, json'],
  [['list', '--limit', '0'], 'Expected a whole number from 1 to 1,000'],
  [['answer', 'x', 'maybe'], 'Allowed choices are retry, accept, abort, rollback'],
  [['approve', 'x', 'K7Q2-9XWM-4T3H-PB6D'], 'a code is never an argument'],
  [['approve', 'x'], 'no terminal to ask at; give --code-file'],
  [['approve', 'x', '--code-file', '/nowhere/code'], 'Expected a file with the code at /nowhere/code'],
  [['approve', 'x', '--code-file', '-'], 'Expected the code in the first line of the input'],
  [['answer', 'x', 'accept'], 'give --reason'],
  [['answer', 'x', 'accept', '--reason', 'known'], 'no terminal to ask at; give --code-file'],
  [['hold', 'x'], 'give --reason'],
  [['hold', 'x', '--reason', ''], 'Not sent: unusable input (reason: expected a reason in words)'],
  [['abort', 'x'], 'give --reason'],
  [['reject', 'x'], 'give --reason'],
  [['rollback', '--requested-by', 'otto', '--reason', 'x'], 'expected either "rollout"'],
  [['rollback', 'x', '--requested-by', 'otto'], 'give --reason'],
  [['report'], 'Expected the workflow id of a rollout, or --verify FILE'],
  [['plan', 'new'], 'expected a name of lower-case letters, digits and hyphens, found "none"'],
  [
    ['plan', 'new', 'Mine', '--drop', 'nonsense'],
    '--drop: expected "table.column" or "schema.table.column", found "nonsense"',
  ],
  [['plan', 'new', 'drop-plaintext-api-keys', '--drop', 'a.b'], 'found one; it is never overwritten'],
  [['plan', 'new', 'mine', '--dorp', 'a.b'], "Unknown option '--dorp'"],
  [['plan', 'check', 'nowhere'], 'In plans/ here: drop-plaintext-api-keys'],
])('%j is refused with exit code 2, nothing on stdout, and what to do', async (args, message) => {
  const { code, out, err } = await command(args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
});

test('as a process it says on stderr what is wrong, and ends with the code', async () => {
  const { code, out, err } = await commandProcess(['statsu']);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toBe(
    "error: unknown command 'statsu'\n(Did you mean status?)\n(add --help to a command to read about it)\n",
  );
});

test('in a fresh clone it says how to get what it needs', async () => {
  const alone = join(folder, 'rubicon.js');
  await copyFile(join(__dirname, '../../client/rubicon.js'), alone);
  const { status, stderr } = spawnSync(process.execPath, [alone, 'start'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/^Expected .* npm run setup\n$/) });
});

test('without a word it shows the words; with --help that is what was asked for', async () => {
  expect((await command([])).code).toBe(2);
  const { code, out } = await command(['--help']);
  expect(code).toBe(0);
  const words = 'demo worker doctor plan start list status why approve reject hold resume answer abort rollback report';
  for (const word of words.split(' ')) expect(out).toMatch(new RegExp(`^  ${word} `, 'm'));
  expect(out).toContain('130 interrupted (the rollout continues)');
});

test('it says its version', async () => {
  expect(await command(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

test('a usable plan is usable by folder, file and name, with the same digest', async () => {
  const folderOf = join(planFile, '..');
  const checked = await Promise.all([folderOf, planFile].map((given) => command(['plan', 'check', given])));
  for (const { code, out } of checked) {
    expect(code).toBe(0);
    expect(out).toMatch(/plan\.yaml: usable, digest [0-9a-f]{64}\n$/);
  }
  const json = await command(['plan', 'check', folderOf, '-o', 'json']);
  expect(JSON.parse(json.out)).toMatchObject({ digest: expect.stringMatching(/^[0-9a-f]{64}$/), faults: [] });
});

test('all faults of a plan are listed at once, with file, line and column', async () => {
  const folderOf = await plan('faulty', (text) =>
    text.replace('does:', 'dose:').replace('release: { from: phase2, to: phase3 }', 'release: { from: phase2 }'),
  );
  const { code, out, err } = await command(['plan', 'check', folderOf]);
  expect(code).toBe(1);
  const lines = out.trim().split('\n');
  expect(lines.length).toBeGreaterThanOrEqual(3);
  for (const line of lines) expect(line).toMatch(/plan\.yaml:\d+:\d+: /);
  expect(err).toMatch(/^\d+ faults in .*plan\.yaml\n$/);
  expect(await command(['plan', 'show', folderOf])).toMatchObject({ code: 1, out: '' });
});

test('a proof that no statement can be made of is a fault of the plan', async () => {
  const folderOf = await plan('no-proof', (text) => text.replace(/^proof: .*$/m, 'proof: pg_sleep(9) = removed'));
  expect(await command(['plan', 'check', folderOf])).toMatchObject({ code: 1, out: expect.stringContaining('proof') });
});

test('show prints the digest, the statements, the approvals, and which waits differ from the runbook', async () => {
  const folderOf = await plan(
    'other',
    (text) => `${text.replace(/^durations:[^]*?(?=^\S)/m, '')}\ndurations: { soak: 30 hours }\n`,
  );
  const { code, out } = await command(['plan', 'show', folderOf]);
  expect(code).toBe(0);
  expect(out).toMatch(/^digest {2}[0-9a-f]{64}$/m);
  expect(out).toContain('alter table public.sessions drop column rubicon_hidden_owner_api_key;');
  expect(out).toMatch(/^\* soak +30 hours \(runbook: 24 hours\)$/m);
  expect(out).toMatch(/^ {2}monitor +1 hour$/m);
  expect(out).toContain('2 of approver');
  const json = JSON.parse((await command(['plan', 'show', folderOf, '-o', 'json'])).out) as Record<string, unknown>;
  expect(json).toMatchObject({ durationsOverridden: ['soak'], plan: { name: 'other' } });
});

test('plan show --as runbook: the same as a written procedure, with every statement', async () => {
  const { code, out } = await command(['plan', 'show', 'drop-plaintext-api-keys', '--as', 'runbook']);
  expect(code).toBe(0);
  const titles = [...out.matchAll(/^## (\d+)\. (.+)$/gm)].map(([, number, title]) => `${number} ${title}`);
  expect(titles).toEqual([
    '1 Look first, in staging and in production',
    '2 Back up, and prove it',
    '3 Deploy phase3, in maintenance',
    '4 Freeze: writes to what will be deleted are refused',
    '5 Final copy, after the freeze has committed',
    '6 Hide: anyone who still needs the columns notices',
    '7 Try without for 15 minutes',
    '8 Approvals',
    '9 Drop: the point of no return',
    '10 Verify',
    '11 Watch for 1 hour',
    '12 The rollback, rehearsed in staging before production is touched',
    '13 At their date',
  ]);
  const { sql } = JSON.parse((await command(['plan', 'show', 'drop-plaintext-api-keys', '-o', 'json'])).out) as {
    sql: Record<string, { sql: string }[]>;
  };
  for (const { sql: statement } of Object.values(sql).flat()) expect(out).toContain(statement);
});

test.each<[string[], string[], string[]]>([
  [['--version'], [], ['client/commands/why.ts', 'zod', '@temporalio/client']],
  [['why', '--help'], ['client/commands/why.ts'], ['client/commands/status.ts', '@temporalio/client']],
  [['--help'], ['client/commands/why.ts', 'client/commands/status.ts'], ['@temporalio/client']],
])('%j loads what it needs and no more, since whoever types it waits for that', (args, loaded, others) => {
  const look = `require('tsx/cjs'); const { runCli } = require('./client/cli'); const terminal = { out() {}, note() {} };
    runCli(${JSON.stringify(args)}, terminal).then(() => console.log(JSON.stringify(Object.keys(require.cache))));`;
  const run = spawnSync(process.execPath, ['-e', look], { cwd: join(__dirname, '../..'), encoding: 'utf8' });
  const files = JSON.parse(run.stdout) as string[];
  const isLoaded = (part: string): boolean => files.some((file) => file.includes(`/${part}`));
  expect(loaded.filter((part) => !isLoaded(part))).toEqual([]);
  expect(others.filter(isLoaded)).toEqual([]);
});
