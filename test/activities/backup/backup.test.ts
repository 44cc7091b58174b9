import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { createBackup } from '../../../activities/backup/backup';
import { columnsAmong } from '../../../activities/catalogue/captured-columns';
import { dumpFile, findBackups, lookupsFile, readRecord } from '../../../activities/backup/backup-folder';
import type { Environment } from '../../../activities/environment/environment';
import { findBackupKeys } from '../../../activities/backup/backup-identity';
import { createProveBackup } from '../../../activities/rehearsal/prove-backup';
import { requireProven } from '../../../activities/backup/proven-backup';
import type { Run } from '../../../contract/run/decisions';
import { digestOf } from '../../../contract/text/digest';
import { proveWithoutServer } from '../../support/stages/prove-without-server';
import { describeSample } from '../../../dev/sample-data/sample-data';
import { hashOfKey } from '../../../dev/sample-application/sample-key';
import { unseal } from '../../support/servers/age-keys';
import { asActivity } from '../../support/looks/as-activity';
import { readState } from '../../support/looks/database-state';
import {
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';

const { plan, planDigest } = firstPlan();
let stage: SampleEnvironment;
beforeAll(async () => (stage = await openSampleEnvironment('staging')));
afterAll(() => stage.close());

const take = (run: Run, change: Partial<Environment> = {}) =>
  createBackup({ environment: () => ({ ...stage.environment, ...change }) })({ run, plan, planDigest });
/** What follows a proof needs no server. */
const asProven = (id: string) => proveWithoutServer(stage.environment, id);
const prove = (run: Run, id: string) => createProveBackup({ environment: stage.find })({ run, id });
const fileOf = (id: string, name: string) => path.join(path.dirname(dumpFile(stage.environment, id)), name);

/** Eight bytes in the middle of a file: what `pg_restore --list` does not notice. */
function damage(file: string): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(8, 0xff), 0, 8, Math.floor(statSync(file).size / 2));
  closeSync(handle);
}

/** Of the first test; the next ones look at what it has left. */
let id: string;
const run = newRun();

test('a backup is taken, proven by restoring it, and found by its run alone; the database stays as it is', async () => {
  const before = await readState(stage.database);
  const receipt = await take(run);
  ({ id } = receipt);
  expect(receipt).toMatchObject({ tables: 15, rowCount: 1231, serverVersion: expect.stringMatching(/^1\d\./) });
  const { beats, result: proof } = await asActivity(() => prove(run, receipt.id));
  expect(beats.length).toBeGreaterThan(0);
  expect(proof).toEqual({
    ...{ id: receipt.id, sha256: receipt.sha256, tables: 15, rowCount: 1231, destroyed: true },
    ...{ provenAt: expect.any(String), tookMs: expect.any(Number) },
    rehearsal: expect.objectContaining({ extent: 'all rows', passed: true, rows: 1230, lacks: [] }),
    findings: [expect.objectContaining({ check: 'rehearsal on the copy', status: 'passed' })],
  });
  await expect(readState(stage.database)).resolves.toEqual(before);

  await expect(findBackups(stage.environment, run)).resolves.toEqual([receipt.id]);
  await expect(findBackups(stage.environment, { ...run, firstRun: run.firstRun.slice(0, -1) })).resolves.toEqual([]);
  await expect(findBackups({ ...stage.environment, name: 'production' }, run)).resolves.toEqual([]);
  const record = await requireProven({ environment: stage.environment }, receipt.id, { run, planDigest });
  expect(columnsAmong(record.captured).map(({ table, type }) => `${table} ${type}`)).toEqual([
    'assistants character varying(256)',
    'sessions character varying(255)',
  ]);
});

test('no file of a backup has a key, a hash, a password or what decrypts it in clear, and nobody else may read any of it', async () => {
  const { recipient } = await readRecord(stage.environment, id);
  const { identityFile } = await findBackupKeys(stage.environment, run, recipient);
  const folder = path.dirname(dumpFile(stage.environment, id));
  expect(readdirSync(folder).sort()).toEqual(['dump.age', 'hashes.age', 'proof.json', 'record.json']);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(folder)) expect(statSync(path.join(folder, name)).mode & 0o777).toBe(0o600);
  const { keys, oddKeys } = describeSample({ environment: 'staging' });
  const text = readdirSync(folder)
    .map((name) => readFileSync(fileOf(id, name), 'latin1'))
    .join('');
  const secrets = [stage.database.server.password, /^AGE-SECRET-KEY.*/m.exec(readFileSync(identityFile, 'utf8'))![0]];
  for (const secret of [...keys, ...oddKeys, ...secrets]) expect(text).not.toContain(secret);
  expect(text).toContain(recipient);
  for (const name of ['dump.age', 'hashes.age'])
    expect(readFileSync(fileOf(id, name), 'latin1')).toMatch(/^age-encryption.org\/v1\n/);
  const list = await unseal(lookupsFile(stage.environment, id), identityFile);
  const hashes = list.toString().trimEnd().split('\n');
  expect(hashes).toEqual([...keys, ...oddKeys].map((key) => `${hashOfKey(key)}\t${[...key].length}`).sort());
});

test('a second run finds what the first one has finished, and proves nothing twice', async () => {
  const first = await take(run);
  expect(first.id).toBe(id);
  await expect(take(run)).resolves.toEqual(first);
  const [proof, written] = [await prove(run, id), readFileSync(fileOf(id, 'proof.json'), 'utf8')];
  await expect(prove(run, id)).resolves.toEqual(proof);
  expect(proof).toMatchObject({ provenAt: (JSON.parse(written) as { provenAt: string }).provenAt });
  expect(readFileSync(fileOf(id, 'proof.json'), 'utf8')).toBe(written);
  const another = await take(newRun());
  expect(another.id).not.toBe(first.id);
});

test('a backup of other definitions than there are by now is passed over, and the next one knows them', async () => {
  const run = newRun();
  const first = await take(run);
  await stage.database.query(`comment on column sessions.owner_api_key is 'said since'`);
  const second = await take(run);
  expect(second.id).not.toBe(first.id);
  await expect(take(run)).resolves.toEqual(second);
  await stage.database.query('comment on column sessions.owner_api_key is null');
});

test('what a lost attempt has left is removed, and a failed one leaves nothing', async () => {
  const run = newRun();
  const { id } = await take(run);
  const left = id.replace(/[^.]+$/, '20260101T000000Z-lost');
  mkdirSync(fileOf(left, ''), { recursive: true });
  writeFileSync(fileOf(left, 'dump.age.0.partial'), 'keys');
  damage(dumpFile(stage.environment, id)); // so that another one is taken
  const other = await take(run);
  expect(other.id).not.toBe(id);
  const folders = readdirSync(stage.environment.backupFolder);
  expect(folders).not.toContain(left);
  expect(folders).toContain(id); // finished, and damaged: kept for a look

  const failing = take(newRun(), { toolsFolder: stage.environment.backupFolder });
  await expect(failing).rejects.toThrow(/expected the programs pg_dump/);
  const mine = take(newRun(), { backupScope: ['public.sessions'] });
  await expect(mine).rejects.toThrow(
    /^expected public.assistants among the tables of the backup, found that the settings/,
  );
  expect(readdirSync(stage.environment.backupFolder)).toEqual(folders);
});

test("where the plan's tables are enough, their rows are backed up and no others", async () => {
  const run = newRun();
  const { id, ...receipt } = await take(run, { backupScope: 'tables' });
  expect(receipt).toMatchObject({ tables: 3 });
  const { fingerprints } = await readRecord(stage.environment, id);
  expect(fingerprints.map(({ table }) => table)).toEqual(['assistants', 'sessions', 'alembic_version']);
  await expect(prove(run, id)).resolves.toMatchObject({ tables: 3, rowCount: receipt.rowCount });
});

test('a cancelled backup leaves nothing', async () => {
  const folders = readdirSync(stage.environment.backupFolder);
  const cancelled = new AbortController();
  const attempt = asActivity(() => take(newRun()), { signal: cancelled.signal });
  setImmediate(() => cancelled.abort(new Error('cancelled')));
  expect((await attempt).error).toEqual(new Error('cancelled'));
  expect(readdirSync(stage.environment.backupFolder)).toEqual(folders);
});

test('another server than the settings mean is not backed up', async () => {
  const production = await openSampleEnvironment();
  const taking = take(newRun(), { postgresUrl: production.database.url });
  await expect(taking).rejects.toMatchObject({
    type: 'WrongState',
    message: expect.stringMatching(/found production of/),
  });
  await production.close();
});

test('a damaged dump is not proven, and the next attempt takes another one', async () => {
  const run = newRun();
  const { id } = await take(run);
  damage(dumpFile(stage.environment, id));
  await expect(prove(run, id)).rejects.toMatchObject({
    type: 'BackupNotProven',
    message: expect.stringMatching(
      /^backup \S+ is not proven: file: expected a file with sha256 .*; answer "retry" to/,
    ),
  });
  await expect(requireProven({ environment: stage.environment }, id, { run, planDigest })).rejects.toThrow(
    /expected the proof of backup/,
  );
  const other = await take(run);
  expect(other.id).not.toBe(id);
  await asProven(other.id);
  await expect(findBackups(stage.environment, run)).resolves.toEqual([other.id]);
});

test('a dump that lacks what was seen is refuted by its rows, although its sha256 is right', async () => {
  const run = newRun();
  const { id } = await take(run);
  const record = await readRecord(stage.environment, id);
  const [first, ...rest] = record.fingerprints;
  const more = { ...record, fingerprints: [{ ...first!, rowCount: first!.rowCount + 1 }, ...rest] };
  writeFileSync(fileOf(id, 'record.json'), JSON.stringify(more));
  await expect(prove(run, id)).rejects.toThrow(
    /is not proven: "public"."alembic_version": expected 2 rows, found 1 rows; answer/,
  );
  expect(readdirSync(path.dirname(dumpFile(stage.environment, id)))).toContain('refuted.json');
});

test('a proof holds for one dump, one record, one run, one plan and one environment', async () => {
  const run = newRun();
  const { id } = await take(run);
  const { environment } = stage;
  await expect(requireProven({ environment }, id, { run, planDigest })).rejects.toThrow(/expected the proof of backup/);
  await asProven(id);
  await expect(requireProven({ environment }, id, { run, planDigest: digestOf('other') })).rejects.toThrow(
    /found: it is of plan/,
  );
  await expect(requireProven({ environment }, id, { run: newRun(), planDigest })).rejects.toThrow(
    `found: it is of the run ${run.firstRun} of ${run.workflowId}`,
  );
  await expect(prove(newRun(), id)).rejects.toThrow(/expected a backup of this run, found/);
  await expect(
    requireProven({ environment: { ...environment, name: 'production' } }, id, { run, planDigest }),
  ).rejects.toThrow(/it is of staging/);

  const record = readFileSync(fileOf(id, 'record.json'), 'utf8');
  writeFileSync(fileOf(id, 'record.json'), record.replace('idx_sessions_owner_api_key ', 'idx_other '));
  await expect(requireProven({ environment }, id, { run, planDigest })).rejects.toThrow(
    /its record was changed since the proof/,
  );
  writeFileSync(fileOf(id, 'record.json'), record);
  await expect(requireProven({ environment }, id, { run, planDigest })).resolves.toBeDefined();

  damage(dumpFile(environment, id));
  await expect(requireProven({ environment }, id, { run, planDigest })).rejects.toMatchObject({
    type: 'BackupNotProven',
  });
  await expect(prove(run, id)).rejects.toThrow(/the dump's sha256 is \w{12}; take a new backup$/);
});

test('without its identity a proven backup is none, and the next attempt takes another one', async () => {
  const run = newRun();
  const { id } = await take(run);
  await asProven(id);
  const { identityFile, recipient } = await findBackupKeys(stage.environment, run);
  const identity = readFileSync(identityFile);

  rmSync(identityFile);
  const refused = { type: 'BackupNotProven', message: expect.stringMatching(/found none; without its identity/) };
  await expect(requireProven({ environment: stage.environment }, id, { run, planDigest })).rejects.toMatchObject(
    refused,
  );
  await expect(prove(run, id)).rejects.toMatchObject(refused);

  const other = await take(run);
  expect(other.id).not.toBe(id);
  const { recipient: now } = await findBackupKeys(stage.environment, run);
  await expect(requireProven({ environment: stage.environment }, id, { run, planDigest })).rejects.toThrow(
    `found the one of ${now} instead of ${recipient}`,
  );
  await expect(prove(run, other.id)).resolves.toMatchObject({ id: other.id });

  writeFileSync(identityFile, identity);
  await expect(requireProven({ environment: stage.environment }, id, { run, planDigest })).resolves.toBeDefined();
});
