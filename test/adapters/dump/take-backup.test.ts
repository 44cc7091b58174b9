import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { takeBackup, type BackupOrder } from '../../../adapters/dump/take-backup';
import { findPostgresFolder } from '../../../dev/servers/programs';
import { writeAgeKeys, type AgeKeyFile } from '../../support/servers/age-keys';
import { fillOddDatabase } from '../../support/stages/odd-database';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';
import { until } from '../../support/looks/until';

let database: TestDatabase;
let folder: string;
let keysFolder: string;
let keys: AgeKeyFile;

beforeAll(async () => {
  database = await createDatabase({ template: { name: 'odd', fill: fillOddDatabase } });
  keysFolder = mkdtempSync(path.join(tmpdir(), 'rubicon-backup-keys-'));
  keys = await writeAgeKeys(keysFolder);
});

afterAll(() => rmSync(keysFolder, { recursive: true }));

beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'rubicon-backup-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const backUp = (order: Partial<BackupOrder> = {}) =>
  takeBackup({
    connection: { url: database.url, applicationName: 'test of the backup' },
    file: path.join(folder, 'backup.dump'),
    recipient: keys.recipient,
    toolsFolder: findPostgresFolder(),
    ...order,
  });

/** The server notices within half a second that a client is gone. */
const noSessionIsLeft = () => until(async () => (await ourSessions()).length === 0);

const ourSessions = () =>
  database.query(`select application_name from pg_stat_activity
    where datname = current_database() and application_name like 'test of the backup%'`);

it('dumps and fingerprints all tables in one snapshot', async () => {
  const { dump, fingerprints } = await backUp();
  expect(readdirSync(folder)).toEqual(['backup.dump']);
  expect(dump.sizeBytes).toBeGreaterThan(1_000);
  expect(fingerprints.find(({ table }) => table === 'keys')?.rowCount).toBe(500);
  expect(fingerprints).toHaveLength(10);
});

it('fingerprints only the tables that it dumps', async () => {
  const { fingerprints } = await backUp({ tables: [{ schema: 'public', table: 'parted' }] });
  expect(fingerprints).toMatchObject([{ table: 'parted', rowCount: 400 }]);
});

it('leaves nothing when the dump fails', async () => {
  await expect(backUp({ toolsFolder: folder })).rejects.toThrow('expected the programs pg_dump');
  expect(readdirSync(folder)).toEqual([]);
  await noSessionIsLeft();
});

it('leaves nothing when a table cannot be fingerprinted', async () => {
  const tables = [{ schema: 'public', table: 'shown' }]; // a view has no rows of its own
  await expect(backUp({ tables })).rejects.toThrow(/^expected the tables? "public"."shown", found none/);
  expect(readdirSync(folder)).toEqual([]);
  await noSessionIsLeft();
});

it('leaves nothing when it is cancelled', async () => {
  const cancel = new AbortController();
  const reason = new Error('cancelled by the test');
  await expect(backUp({ signal: cancel.signal, onProgress: () => cancel.abort(reason) })).rejects.toBe(reason);
  expect(readdirSync(folder)).toEqual([]);
  await noSessionIsLeft();
});
