import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkIdentities } from '../../../activities/server-checks/check-identities';
import { checkSecurityFloor, createCheckTools } from '../../../activities/server-checks/check-tools';
import type { Environment } from '../../../activities/environment/environment';
import { obstacles, type Finding } from '../../../contract/run/findings';
import { firstPlan, openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';

let stage: SampleEnvironment;
let folder: string;
beforeAll(async () => {
  stage = await openSampleEnvironment();
  folder = mkdtempSync(path.join(tmpdir(), 'rubicon-test-tools-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await stage.close();
});

const check = (change: Partial<Environment> = {}) =>
  createCheckTools({ environment: () => ({ ...stage.environment, ...change }) })({
    target: 'agent-api',
    ...firstPlan().plan,
  });

test('programs, room and a throw-away server that really starts', async () => {
  const findings = await check();
  expect(obstacles(findings)).toEqual([]);
  expect(findings.map((each) => each.check)).toEqual([
    ...[
      'client programs',
      'security of the client programs',
      'disk space for backups',
      'disk space for the throw-away server',
    ],
    ...['identities of backups', 'throw-away server'],
  ]);
  expect(findings.at(-1)?.found).toMatch(/^\d+\.\d+, gone again$/);
});

test('the folder of the backups need not be there yet', async () => {
  const findings = await check({ backupFolder: path.join(folder, 'not', 'there', 'yet') });
  expect(obstacles(findings)).toEqual([]);
});

test('the policy decides whether programs with known faults are only told', async () => {
  const [programs, floor] = await check({ securityFloor: 'block' });
  const tools = {
    folder: '',
    major: Number.parseInt(programs?.found ?? '', 10),
    versions: { pg_restore: programs?.found ?? '' },
  };
  expect(floor).toEqual(checkSecurityFloor(tools, 'block'));
});

test('room is reckoned for what is backed up: the largest dump that its rows can become, and their copy', async () => {
  const withoutPrograms = { toolsFolder: folder }; // then no server is started
  const megabytes = (findings: Finding[]) =>
    findings
      .filter(({ check: what }) => what.startsWith('disk space'))
      .map(({ expected }) => Number.parseFloat(/^([\d.]+) MB free/.exec(expected)?.[1] ?? 'NaN'));
  const [whole = 0] = megabytes(await check(withoutPrograms));
  const [tables = 0] = megabytes(await check({ ...withoutPrograms, backupScope: 'tables' }));
  expect(whole).toBeGreaterThan(20);
  expect(tables).toBeGreaterThan(20);
  await stage.database.query(
    `create table other_rows as select repeat(md5(n::text), 500) as text from generate_series(1, 1000) n`,
  );
  await stage.database.query('alter table other_rows alter text set storage external');
  await stage.database.query('update other_rows set text = text || text');
  const [after = 0] = megabytes(await check(withoutPrograms));
  expect(after).toBeGreaterThan(whole + 20);
  expect(megabytes(await check({ ...withoutPrograms, backupScope: 'tables' }))[0]).toBeCloseTo(tables, 0);
});

test('identities belong on another disk, and in a folder that can be written to', async () => {
  const identities = (identityFolder: string) => checkIdentities({ ...stage.environment, identityFolder });
  expect(await identities(path.join(folder, 'not there yet'))).toMatchObject({
    status: 'not covered',
    found: expect.stringMatching(/, on the same disk$/),
    remedy: expect.stringMatching(/^name a folder on another disk as backups.identities/),
  });
  if (existsSync('/dev/shm')) expect(await identities('/dev/shm/rubicon')).toMatchObject({ status: 'passed' });
  expect(await identities('/proc/1')).toMatchObject({ status: 'failed' });
});

test('without programs it says where was looked, and that no backup is possible', async () => {
  symlinkSync(path.join(stage.environment.toolsFolder ?? '', 'pg_dump'), path.join(folder, 'pg_dump'));
  const [programs, ...rest] = await check({ toolsFolder: folder });
  expect(programs).toMatchObject({
    ...{ check: 'client programs', status: 'failed', found: `${folder}: pg_restore not found` },
    remedy: expect.stringMatching(/^install PostgreSQL \d+ on the worker, or name the folder as "tools"/),
  });
  expect(rest.map((each) => each.check)).toEqual([
    ...['disk space for backups', 'disk space for the throw-away server', 'identities of backups'],
  ]);
});

test.each([
  [16, '16.16', 'passed'],
  [16, '16.14', 'not covered'],
  [15, '15.20', 'passed'],
  [17, '17.11', 'not covered'],
  [18, '18.10', 'passed'],
  [19, '19.0', 'passed'],
  [14, '14.22', 'not covered'],
])('client programs of version %i: %s is %s, and stops only where the policy says so', (major, version, status) => {
  const tools = { folder: '', major, versions: { pg_restore: version } };
  expect(checkSecurityFloor(tools, 'warn')).toMatchObject({ status, found: version });
  expect(checkSecurityFloor(tools, 'block').status).toBe(status === 'passed' ? 'passed' : 'failed');
});
