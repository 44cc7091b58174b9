import { access, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { TableFingerprint } from '../../adapters/rows/fingerprint';
import type { Run } from '../../contract/run/decisions';
import { permanent } from '../../contract/run/failures';
import type { EnvironmentName } from '../../contract/run/names';
import type { Plan } from '../../contract/plan/plan';
import type { BackupReceipt, ProofReceipt } from '../../contract/run/receipts';
import type { Environment } from '../environment/environment';
import { foldersOf, isFolderName, newFolderName, readJson, writeJson, type OfRun } from '../environment/run-folders';
import type { Capture } from '../catalogue/captured-columns';

/** What stands beside a dump, so that it can be restored when nobody remembers anything. Holds no value of a row. */
export interface BackupRecord {
  run: Run;
  environment: EnvironmentName;
  plan: Plan;
  planDigest: string;
  receipt: BackupReceipt;
  fingerprints: TableFingerprint[];
  /** The columns as they were: types, defaults, indexes, comments, grants. */
  captured: Capture[];
  /** Of the server that was dumped; null = our role may not read it. */
  systemIdentifier: string | null;
  /** Whom dump and hashes are encrypted to; the identity of the run decrypts them. */
  recipient: string;
}

/** A proof is of one dump and of one record: definitions that were changed afterwards are refused, too. */
export interface BackupProof extends ProofReceipt {
  /** Canonical digest of the record. */
  recordDigest: string;
  /** Of the list of hashes whose key the dump holds. */
  lookupsSha256: string;
}

/** What is told of it. */
export const receiptOfProof = ({ recordDigest: _, lookupsSha256: __, ...receipt }: BackupProof): ProofReceipt =>
  receipt;

const files = {
  dump: 'dump.age',
  record: 'record.json',
  hashes: 'hashes.age',
  proof: 'proof.json',
  refuted: 'refuted.json',
} as const;

/** Path of the dump of a backup. */
export const dumpFile = (environment: Environment, id: string): string =>
  path.join(folderOf(environment, id), files.dump);

/** Path of the list of hashes whose key the dump holds. It is a help to count quickly; keys come from the dump alone. */
export const lookupsFile = (environment: Environment, id: string): string =>
  path.join(folderOf(environment, id), files.hashes);

/** A folder of its own for each attempt: an older one is never written over. */
export async function makeBackupFolder(environment: Environment, run: Run): Promise<string> {
  const id = newFolderName(run);
  await mkdir(folderOf(environment, id), { recursive: true, mode: 0o700 });
  return id;
}

/** What lost attempts of this run have left: a dump that nobody will use, and that holds everything. */
export async function removeUnfinished(environment: Environment, run: Run): Promise<void> {
  for (const id of await foldersOf(environment.backupFolder, run)) {
    if (await has(environment, id, files.record)) continue;
    await rm(folderOf(environment, id), { recursive: true, force: true });
  }
}

/** Written last: a folder without it is an attempt that did not end. */
export const writeRecord = (environment: Environment, id: string, record: BackupRecord): Promise<void> =>
  writeJson(path.join(folderOf(environment, id), files.record), record);

/** A backup that has one is proven; none is written for one that is not. */
export const writeProof = (environment: Environment, id: string, proof: BackupProof): Promise<void> =>
  writeJson(path.join(folderOf(environment, id), files.proof), proof);

/** A dump that its proof has refuted is kept for a look, and never used. */
export const writeRefuted = (environment: Environment, id: string, differences: unknown): Promise<void> =>
  writeJson(path.join(folderOf(environment, id), files.refuted), { differences });

/** @throws `BackupNotProven` where there is none */
export async function readRecord(environment: Environment, id: string): Promise<BackupRecord> {
  return (await readFileOf<BackupRecord>(environment, id, files.record)) ?? missing(id, files.record);
}

/** Undefined: it is not proven. */
export const readProof = (environment: Environment, id: string): Promise<BackupProof | undefined> =>
  readFileOf<BackupProof>(environment, id, files.proof);

/** Finished backups of one run in this environment that no proof has refuted, the newest first. */
export async function findBackups(environment: Environment, { workflowId, firstRun }: OfRun): Promise<string[]> {
  const ids = await foldersOf(environment.backupFolder, { workflowId, firstRun });
  const usable = await Promise.all(
    ids.map(async (id) => {
      if (await has(environment, id, files.refuted)) return false;
      const record = await readFileOf<BackupRecord>(environment, id, files.record);
      return (
        record?.environment === environment.name &&
        record.run.workflowId === workflowId &&
        record.run.firstRun === firstRun
      );
    }),
  );
  return ids.filter((_, index) => usable[index]);
}

function folderOf({ backupFolder }: Environment, id: string): string {
  if (!isFolderName(id)) missing(id.slice(0, 40), 'the name of a folder that Rubicon made');
  return path.join(backupFolder, id);
}

/** @throws `BackupNotProven` */
export function missing(id: string, what: string): never {
  throw permanent('BackupNotProven', `expected ${what} of backup "${id}", found none; take a new backup`);
}

const has = (environment: Environment, id: string, name: string): Promise<boolean> =>
  access(path.join(folderOf(environment, id), name)).then(
    () => true,
    () => false,
  );

const readFileOf = <T>(environment: Environment, id: string, name: string): Promise<T | undefined> =>
  readJson<T>(path.join(folderOf(environment, id), name));
