import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { removeForGood } from '../../adapters/files/destroy-file';
import { readWhole } from '../../adapters/files/file-digest';
import type { Run } from '../../contract/run/decisions';
import { permanent } from '../../contract/run/failures';
import type { BackupKeys } from './backup-identity';
import { findBackupKeys, identityFileOf, makeBackupKeys } from './backup-identity';
import type { Environment } from '../environment/environment';
import { foldersOf, isFolderName, newFolderName, readJson, writeJson, type OfRun } from '../environment/run-folders';

/** What stands beside sealed new keys. Holds none. */
export interface NewKeysRecord {
  /** The rollout that is taken back. */
  rollout: Run;
  planDigest: string;
  /** First run of the rollback that drew them. */
  drawnBy: string;
  /** Number of owners, and so of new keys. */
  owners: number;
  drawnAt: string;
  /** Of the encrypted map. */
  sha256: string;
  /** What the map is encrypted to; its identity goes when every row has its key. */
  recipient: string;
}

/** Folder of all new keys of an environment; one folder a rollout below it. */
export const newKeysFolder = ({ backupFolder }: Pick<Environment, 'backupFolder'>): string =>
  path.join(backupFolder, 'new-keys');

/** Old hash, new key, new hash of every owner, for the worker alone: so that a crash never draws again. */
export const mapFile = (environment: Environment, id: string): string =>
  path.join(folderOf(environment, id), 'map.age');

/** What one custodian gets: sealed for them, with their code in it. */
export const distributionFile = (environment: Environment, id: string, person: string): string =>
  path.join(folderOf(environment, id), `hand-out.${person.replace(/[^A-Za-z0-9-]+/g, '_')}.age`);

/** Its own pair of keys: the one of the rollout's backups may be what is lost. */
export const makeMapKeys = (environment: Environment, rollout: OfRun): Promise<BackupKeys> =>
  makeBackupKeys(environment, ofNewKeys(rollout));

/** Those that the map was encrypted with. */
export const findMapKeys = (environment: Environment, { rollout, recipient }: NewKeysRecord): Promise<BackupKeys> =>
  findBackupKeys(environment, ofNewKeys(rollout), recipient);

/** When every row has its key: from then on only the custodians know them. Safe to run again. */
export async function forgetMap(environment: Environment, id: string, rollout: OfRun): Promise<void> {
  await removeForGood(identityFileOf(environment, ofNewKeys(rollout)));
  await removeForGood(mapFile(environment, id));
}

const ofNewKeys = ({ workflowId, firstRun }: OfRun): OfRun => ({ workflowId: `new-keys-${workflowId}`, firstRun });

/** A folder, after what lost attempts have left there: they have sealed nothing, so nobody has such keys. */
export async function makeNewKeysFolder(environment: Environment, rollout: OfRun): Promise<string> {
  for (const id of await foldersOf(newKeysFolder(environment), rollout))
    if ((await readRecord(environment, id)) === undefined)
      await rm(folderOf(environment, id), { recursive: true, force: true });
  const id = newFolderName(rollout);
  await mkdir(folderOf(environment, id), { recursive: true, mode: 0o700 });
  return id;
}

/** Written last: what has none was never handed out. */
export const writeNewKeysRecord = (environment: Environment, id: string, record: NewKeysRecord): Promise<void> =>
  writeJson(recordFile(environment, id), record);

/** The newest keys that were drawn for this rollout, by whichever of its rollbacks. */
export async function findSealed(
  environment: Environment,
  rollout: OfRun,
): Promise<{ id: string; record: NewKeysRecord } | undefined> {
  for (const id of await foldersOf(newKeysFolder(environment), rollout)) {
    const record = await readRecord(environment, id);
    if (record !== undefined) return { id, record };
  }
  return undefined;
}

/**
 * The record of sealed keys whose map is unchanged.
 *
 * @throws `BackupNotProven`: then some rows may have keys that nobody knows
 */
export async function requireSealed(environment: Environment, id: string, planDigest: string): Promise<NewKeysRecord> {
  const record = await readRecord(environment, id);
  const whole = await readWhole(mapFile(environment, id)).catch(() => undefined);
  const found =
    record === undefined
      ? 'no record'
      : record.planDigest !== planDigest
        ? `one of plan ${record.planDigest.slice(0, 12)}`
        : whole?.sha256 !== record.sha256 && `a map with sha256 ${whole?.sha256.slice(0, 12) ?? 'unreadable'}`;
  if (record !== undefined && found === false) return record;
  throw permanent(
    'BackupNotProven',
    `expected new keys "${id}" as they were sealed, found ${found || 'none'}; bring that folder back as it was: ` +
      'custodians have these keys, and others must not be drawn once a row has one; before that, abort and start the rollback again',
  );
}

const readRecord = (environment: Environment, id: string): Promise<NewKeysRecord | undefined> =>
  readJson<NewKeysRecord>(recordFile(environment, id));

const recordFile = (environment: Environment, id: string): string =>
  path.join(folderOf(environment, id), 'record.json');

function folderOf(environment: Environment, id: string): string {
  if (isFolderName(id)) return path.join(newKeysFolder(environment), id);
  throw permanent('BackupNotProven', `expected a folder name of new keys, found "${id.slice(0, 40)}"`);
}
