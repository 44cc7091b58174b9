import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCheckTools, securityFloor } from '../../activities/check-tools';
import type { Environment } from '../../activities/environment';
import { obstacles } from '../../contract/findings';
import { openSampleEnvironment, type SampleEnvironment } from '../support/sample-environment';

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
  createCheckTools({ environment: () => ({ ...stage.environment, ...change }) })({ target: 'agent-api' });

test('programs, room and a throw-away server that really starts', async () => {
  const findings = await check();
  expect(obstacles(findings)).toEqual([]);
  expect(findings.map((each) => each.check)).toEqual([
    ...['client programs', 'security of the client programs', 'room for backups', 'room for the throw-away server'],
    'throw-away server',
  ]);
  expect(findings.at(-1)?.found).toMatch(/^\d+\.\d+, gone again$/);
});

test('the folder of the backups need not be there yet', async () => {
  const findings = await check({ backupFolder: path.join(folder, 'not', 'there', 'yet') });
  expect(obstacles(findings)).toEqual([]);
});

test('without programs it says where was looked, and that no backup is possible', async () => {
  symlinkSync(path.join(stage.environment.toolsFolder ?? '', 'pg_dump'), path.join(folder, 'pg_dump'));
  const [programs, ...rest] = await check({ toolsFolder: folder });
  expect(programs).toMatchObject({
    ...{ check: 'client programs', status: 'failed', found: `${folder}: pg_restore not there` },
    remedy: expect.stringMatching(/^install PostgreSQL \d+ on the worker, or name the folder as "tools"/),
  });
  expect(rest.map((each) => each.check)).toEqual(['room for backups', 'room for the throw-away server']);
});

test.each([
  [16, '16.16', 'passed'],
  [16, '16.14', 'not covered'],
  [15, '15.20', 'passed'],
  [17, '17.11', 'not covered'],
  [18, '18.10', 'passed'],
  [19, '19.0', 'passed'],
  [14, '14.22', 'not covered'],
])('client programs of version %i: %s is %s, which never stops', (major, version, status) => {
  const finding = securityFloor({ folder: '', major, versions: { pg_restore: version } });
  expect(finding.status).toBe(status);
  expect(finding.found).toBe(version);
});
