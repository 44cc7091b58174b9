import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createBackup } from '../../../activities/backup/backup';
import { createFinalCopy } from '../../../activities/removal/final-copy';
import { createFreeze } from '../../../activities/removal/freeze';
import { createProveBackup } from '../../../activities/rehearsal/prove-backup';
import { Client } from 'pg';
import { readState } from '../../support/looks/database-state';
import {
  fillSample,
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';
import { startPostgres } from '../../support/servers/servers';

// A disk of one megabyte, really full. Only who may mount one can try it.

const folder = mkdtempSync(path.join(tmpdir(), 'rubicon-small-disk-'));
const disk = path.join(folder, 'disk');
const mayMount = mountDisk();

function mountDisk(): boolean {
  chmodSync(folder, 0o755); // the server is somebody else
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0755', 'tmpfs', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

afterAll(() => {
  if (mayMount) execFileSync('umount', [disk]);
  rmSync(folder, { recursive: true });
});

/** Elsewhere it is named as what could not be tried, and why. */
function whereItCan(name: string, work: () => Promise<void>): void {
  if (mayMount) test(name, work);
  else test.skip(`${name}: no one may mount a disk here, root can`, work);
}
const { plan, planDigest } = firstPlan();

/** More than the disk takes, whatever it is compressed to. */
const manyOwners = `insert into sessions (title, owner_api_key, owner_api_key_hash)
  select 's', 'key ' || n, encode(sha256(convert_to('key ' || n, 'UTF8')), 'hex') from generate_series(1, 30000) n`;

const stageOf = async (): Promise<SampleEnvironment> => {
  const stage = await openSampleEnvironment('staging');
  await stage.database.query(manyOwners);
  return stage;
};

/** Everything of ours in the backup folder. */
const filesIn = (root: string) => readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();

whereItCan('no room for the dump: said, nothing kept, and with room again the same run succeeds', async () => {
  const stage = await stageOf();
  const before = await readState(stage.database);
  const order = { run: newRun(), plan, planDigest };
  const environment = { ...stage.environment, backupFolder: path.join(disk, 'backups') };
  mkdirSync(environment.backupFolder);
  const full = createBackup({ environment: () => environment })(order);
  await expect(full).rejects.toThrow(
    /^expected disk space for all of dump\.age, found none left \(ENOSPC\); nothing was kept/,
  );
  expect(filesIn(environment.backupFolder).filter((name) => /dump|partial/.test(name))).toEqual([]);
  await expect(readState(stage.database)).resolves.toEqual(before);

  execFileSync('mount', ['-o', 'remount,size=64m', disk]);
  const { id } = await createBackup({ environment: () => environment })(order);
  await expect(createProveBackup({ environment: () => environment })({ run: order.run, id })).resolves.toMatchObject({
    id,
  });
  rmSync(environment.backupFolder, { recursive: true });
  execFileSync('mount', ['-o', 'remount,size=1m', disk]);
  await stage.close();
});

whereItCan('no room for the final copy: said, the freeze stays, and with room again it is taken', async () => {
  const stage = await stageOf();
  const order = { run: newRun(), plan, planDigest };
  const environment = { ...stage.environment, backupFolder: path.join(disk, 'copies') };
  mkdirSync(environment.backupFolder);
  const deps = { environment: () => environment };
  const { id: freeze } = await createFreeze(deps)(order);
  await expect(createFinalCopy(deps)({ ...order, freeze })).rejects.toThrow(
    /^expected disk space for all of copy\.age, found none left \(ENOSPC\)/,
  );
  await expect(createFreeze(deps)(order)).resolves.toMatchObject({ id: freeze });
  execFileSync('mount', ['-o', 'remount,size=64m', disk]);
  await expect(createFinalCopy(deps)({ ...order, freeze })).resolves.toMatchObject({ pairs: expect.any(Number) });
  rmSync(environment.backupFolder, { recursive: true });
  execFileSync('mount', ['-o', 'remount,size=1m', disk]);
  await stage.close();
});

whereItCan('no room on the server: its own words, nothing changed, and with room again it is taken', async () => {
  const server = await startPostgres({ name: 'PostgreSQL with a small disk' });
  const place = path.join(disk, 'tablespace');
  mkdirSync(place);
  const { uid, gid } = statSync(server.dataFolder);
  chownSync(place, uid, gid);
  await fillSample(server.url, 'staging');
  const client = new Client({ connectionString: server.url });
  await client.connect();
  const query = (sql: string) => client.query(sql);
  const stage = await openSampleEnvironment('staging');
  const environment = { ...stage.environment, postgresUrl: server.url };
  await query(`create tablespace small location '${place}'`);
  await query(manyOwners);
  await query(`alter database postgres set temp_tablespaces = 'small'`);
  const deps = { environment: () => environment };
  const order = { run: newRun(), plan, planDigest };
  const { id: freeze } = await createFreeze(deps)(order);
  await expect(createFinalCopy(deps)({ ...order, freeze })).rejects.toMatchObject({
    sqlstate: '53100',
    message: expect.stringContaining('No space left on device'),
  });
  await query('alter database postgres reset temp_tablespaces');
  await expect(createFinalCopy(deps)({ ...order, freeze })).resolves.toMatchObject({ pairs: expect.any(Number) });
  await client.end();
  await stage.close();
  await server.stop();
});
