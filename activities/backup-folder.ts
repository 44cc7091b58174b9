import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { readWhole } from '../adapters/file-digest';
import type { TableFingerprint } from '../adapters/fingerprint';
import type { ColumnCapture } from '../adapters/postgres-catalogue';
import { writeOnce } from '../adapters/write-once';
import type { Run } from '../contract/decisions';
import { digestOf } from '../contract/digest';
import { permanent } from '../contract/failures';
import type { Plan } from '../contract/plan';
import type { BackupReceipt, ProofReceipt } from '../contract/world';
import type { Environment } from './environment';

/** What stands beside a dump, so that it can be restored when nobody remembers anything. Holds no value of a row. */
export interface BackupRecord {
  run: Run;
  plan: Plan;
  planDigest: string;
  receipt: BackupReceipt;
  fingerprints: TableFingerprint[];
  /** The columns as they were: types, defaults, indexes, comments, grants. */
  captured: ColumnCapture[];
  systemIdentifier: string | null;
}

const files = { dump: 'dump.pgdump', record: 'record.json', proof: 'proof.json', refuted: 'refuted.json' } as const;

/** Path of the dump of a backup. */
export const dumpFile = (environment: Environment, id: string): string =>
  path.join(folderOf(environment, id), files.dump);

/** A folder of its own for each attempt: an older one is never written over. */
export async function makeBackupFolder(environment: Environment, run: Run): Promise<string> {
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const id = `${prefixOf(run)}.${stamp}-${Math.random().toString(36).slice(2, 6)}`;
  await mkdir(folderOf(environment, id), { recursive: true, mode: 0o700 });
  return id;
}

/** Written last: a folder without it is an attempt that did not end. */
export const writeRecord = (environment: Environment, id: string, record: BackupRecord): Promise<void> =>
  writeJson(path.join(folderOf(environment, id), files.record), record);

export const writeProof = (environment: Environment, id: string, proof: ProofReceipt): Promise<void> =>
  writeJson(path.join(folderOf(environment, id), files.proof), proof);

/** A dump that its proof has refuted is kept for a look, and never used. */
export const writeRefuted = (environment: Environment, id: string, differences: unknown): Promise<void> =>
  writeJson(path.join(folderOf(environment, id), files.refuted), { differences });

export async function readRecord(environment: Environment, id: string): Promise<BackupRecord> {
  return (await readJson<BackupRecord>(environment, id, files.record)) ?? missing(id, files.record);
}

export const readProof = (environment: Environment, id: string): Promise<ProofReceipt | undefined> =>
  readJson<ProofReceipt>(environment, id, files.proof);

/** Finished backups of one run that no proof has refuted, the newest first. */
export async function findBackups(
  environment: Environment,
  run: Pick<Run, 'workflowId' | 'firstRun'>,
): Promise<string[]> {
  const entries = await readdir(environment.backupFolder).catch(() => []);
  const ids = entries
    .filter((name) => name.startsWith(`${prefixOf(run)}.`))
    .sort()
    .reverse();
  const usable = await Promise.all(
    ids.map(async (id) => {
      const refuted = await readJson(environment, id, files.refuted);
      return refuted === undefined && (await readJson(environment, id, files.record)) !== undefined;
    }),
  );
  return ids.filter((_, index) => usable[index]);
}

/**
 * The record of a backup that is proven, unchanged and of this plan: looked at before every effect that relies on it,
 * so that a dump damaged after its proof is refused too.
 *
 * @throws `BackupNotProven`
 */
export async function requireProven(environment: Environment, id: string, planDigest: string): Promise<BackupRecord> {
  const record = await readRecord(environment, id);
  const proof = (await readProof(environment, id)) ?? missing(id, files.proof);
  const found = await readWhole(dumpFile(environment, id)).catch(() => undefined);
  const faults = [
    found?.sha256 !== record.receipt.sha256 && `the dump's sha256 is ${found?.sha256.slice(0, 12) ?? 'unreadable'}`,
    proof.sha256 !== record.receipt.sha256 && 'its proof is of another dump',
    record.planDigest !== planDigest && `it is of plan ${record.planDigest.slice(0, 12)}`,
    digestOf(record.plan) !== record.planDigest && 'its plan was changed',
  ].filter((fault) => fault !== false);
  if (faults.length === 0) return record;
  const expected = `expected backup ${id} proven and unchanged (sha256 ${record.receipt.sha256.slice(0, 12)})`;
  throw permanent('BackupNotProven', `${expected}, found: ${faults.join('; ')}; take a new backup`);
}

const prefixOf = ({ workflowId, firstRun }: Pick<Run, 'workflowId' | 'firstRun'>): string =>
  `${workflowId.replace(/[^A-Za-z0-9-]+/g, '_').slice(0, 80)}.${firstRun.slice(0, 8)}`;

function folderOf({ backupFolder }: Environment, id: string): string {
  if (!/^[\w.-]+$/.test(id) || id.startsWith('.')) missing(id.slice(0, 40), 'a name of ours');
  return path.join(backupFolder, id);
}

function missing(id: string, what: string): never {
  throw permanent('BackupNotProven', `expected ${what} of backup "${id}", found none; take a new backup`);
}

const writeJson = (file: string, value: unknown): Promise<void> =>
  writeOnce(file, (handle) => handle.writeFile(`${JSON.stringify(value, null, 2)}\n`));

async function readJson<T>(environment: Environment, id: string, name: string): Promise<T | undefined> {
  const file = path.join(folderOf(environment, id), name);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : (JSON.parse(text) as T);
}
