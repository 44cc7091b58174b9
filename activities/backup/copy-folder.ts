import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { readWhole } from '../../adapters/files/file-digest';
import type { Run } from '../../contract/run/decisions';
import { digestOf } from '../../contract/text/digest';
import { permanent } from '../../contract/run/failures';
import type { EnvironmentName } from '../../contract/run/names';
import type { Plan } from '../../contract/plan/plan';
import type { CopyReceipt } from '../../contract/run/receipts';
import type { WhatIsRemoved } from '../../sql/what-is-removed';
import { findBackupKeys } from './backup-identity';
import type { Environment } from '../environment/environment';
import {
  foldersOf,
  isFolderName,
  isOfRun,
  newFolderName,
  readJson,
  writeJson,
  type FilesOf,
  type OfRun,
} from '../environment/run-folders';
import type { Session } from '../environment/session';
import type { Capture } from '../catalogue/captured-columns';

/** What stands beside a final copy, so that it explains itself. Holds no removed value. */
export interface CopyRecord {
  run: Run;
  environment: EnvironmentName;
  plan: Plan;
  planDigest: string;
  receipt: CopyReceipt;
  /** What it is encrypted to; only the identity of this rollout decrypts it. */
  recipient: string;
  /** How much it is, and which; what is dropped must be the same. */
  taken: WhatIsRemoved;
  /** sha256 of what was encrypted. */
  plainSha256: string;
  /** The columns as they were before they were hidden: types, defaults, indexes, comments, grants. */
  captured: Capture[];
}

/** Where the encrypted pairs of a copy are. */
export const copyFile = (environment: Environment, id: string): string =>
  path.join(folderOf(environment, id), 'copy.age');

/** Removes what lost attempts of this run have left. */
export async function removeUnfinishedCopies(environment: Environment, run: OfRun): Promise<void> {
  for (const id of await foldersOf(copiesFolder(environment), run)) {
    if ((await readRecord(environment, id)) === undefined)
      await rm(folderOf(environment, id), { recursive: true, force: true });
  }
}

/** A folder of its own for each attempt, and none of a lost one beside it. */
export async function makeCopyFolder(environment: Environment, run: Run): Promise<string> {
  await removeUnfinishedCopies(environment, run);
  const id = newFolderName(run);
  await mkdir(folderOf(environment, id), { recursive: true, mode: 0o700 });
  return id;
}

/** Written last: a folder without it is an attempt that did not end. */
export const writeCopyRecord = (environment: Environment, id: string, record: CopyRecord): Promise<void> =>
  writeJson(recordFile(environment, id), record);

/** Finished copies of one run in this environment, the newest first. They may have been damaged since. */
export async function findCopies(environment: Environment, run: OfRun): Promise<CopyRecord[]> {
  const records = await Promise.all(
    (await foldersOf(copiesFolder(environment), run)).map((id) => readRecord(environment, id)),
  );
  return records.filter(
    (record): record is CopyRecord => record?.environment === environment.name && isOfRun(record.run, run),
  );
}

/**
 * A final copy that is whole, unchanged and of this run, plan and environment: looked at before every effect that relies on
 * it.
 *
 * @throws `BackupNotProven` with everything that is wrong, or without what decrypts it
 */
export async function requireCopy(
  { environment, signal }: Pick<Session, 'environment'> & Partial<Pick<Session, 'signal'>>,
  id: string,
  { run, planDigest }: FilesOf,
): Promise<CopyRecord> {
  const record = await readRecord(environment, id);
  if (record === undefined) throw notThere(id);
  const found = await readWhole(copyFile(environment, id), { signal }).catch(() => undefined);
  signal?.throwIfAborted();
  const { sha256 } = record.receipt;
  const faults = [
    found?.sha256 !== sha256 && `its sha256 is ${found?.sha256.slice(0, 12) ?? 'unreadable'}`,
    record.receipt.id !== id && `its record is of "${record.receipt.id}"`,
    !isOfRun(record.run, run) && `it is of the run ${record.run.firstRun} of ${record.run.workflowId}`,
    record.environment !== environment.name && `it is of ${record.environment}`,
    record.planDigest !== planDigest && `it is of plan ${record.planDigest.slice(0, 12)}`,
    digestOf(record.plan) !== record.planDigest && 'its plan was changed',
  ].filter((fault) => fault !== false);
  if (faults.length === 0) {
    await findBackupKeys(environment, record.run, record.recipient);
    return record;
  }
  const expected = `expected the final copy ${id} unchanged (sha256 ${sha256.slice(0, 12)})`;
  throw permanent('BackupNotProven', `${expected}, found: ${faults.join('; ')}; answer "retry": a new one is taken`);
}

const notThere = (id: string): Error =>
  permanent(
    'BackupNotProven',
    `expected the final copy "${id.slice(0, 200)}", found none; answer "retry": a new one is taken`,
  );

const readRecord = (environment: Environment, id: string): Promise<CopyRecord | undefined> =>
  readJson<CopyRecord>(recordFile(environment, id));

const copiesFolder = ({ backupFolder }: Environment): string => path.join(backupFolder, 'copies');

function folderOf(environment: Environment, id: string): string {
  if (!isFolderName(id)) throw notThere(id);
  return path.join(copiesFolder(environment), id);
}

const recordFile = (environment: Environment, id: string): string =>
  path.join(folderOf(environment, id), 'record.json');
