import { readWhole } from '../../adapters/files/file-digest';
import { digestOf } from '../../contract/text/digest';
import { permanent } from '../../contract/run/failures';
import { dumpFile, missing, readProof, readRecord } from './backup-folder';
import type { BackupRecord } from './backup-folder';
import { findBackupKeys } from './backup-identity';
import type { Environment } from '../environment/environment';
import { isOfRun, type FilesOf } from '../environment/run-folders';
import type { Session } from '../environment/session';

/**
 * The record of a backup that is proven, unchanged, of this run, plan and environment, with the identity that decrypts it:
 * looked at before every effect that relies on it, so that a dump that is damaged after its proof is refused too, and so
 * is one of staging in production.
 *
 * @throws `BackupNotProven` with everything that is wrong
 */
export async function requireProven(
  { environment, signal }: Pick<Session, 'environment'> & Partial<Pick<Session, 'signal'>>,
  id: string,
  of: FilesOf,
): Promise<BackupRecord> {
  const record = await readRecord(environment, id);
  const found = await readWhole(dumpFile(environment, id), { signal }).catch(() => undefined);
  signal?.throwIfAborted();
  const changed =
    found?.sha256 !== record.receipt.sha256 && `the dump's sha256 is ${found?.sha256.slice(0, 12) ?? 'unreadable'}`;
  refuse(record, [changed, ...(await faultsOf(environment, record, of))]);
  await findBackupKeys(environment, record.run, record.recipient); // without it the dump is noise
  return record;
}

/**
 * The same without reading the dump: for a step that needs the captured definitions only.
 *
 * @throws `BackupNotProven` with everything that is wrong
 */
export async function requireRecord(environment: Environment, id: string, of: FilesOf): Promise<BackupRecord> {
  const record = await readRecord(environment, id);
  refuse(record, await faultsOf(environment, record, of));
  return record;
}

/**
 * That all rows of the backup have gone there and back on a throw-away server, as far as the policy requires it.
 *
 * @throws `BackupNotProven`
 */
export async function requireRehearsed(environment: Environment, id: string): Promise<void> {
  const { rehearseOnCopy } = environment;
  const { rehearsal } = (await readProof(environment, id)) ?? missing(id, 'the proof');
  const isEnough = rehearsal !== undefined && (rehearsal.passed || rehearseOnCopy === 'where possible');
  if (isEnough) return;
  const found = rehearsal === undefined ? 'none' : `one that is not whole: ${rehearsal.lacks.join('; ')}`;
  throw permanent(
    'BackupNotProven',
    `expected the rehearsal of backup ${id} on its restored copy, found ${found}; nothing was changed; answer "abort" and start again`,
  );
}

type Faults = (string | false)[];

async function faultsOf(environment: Environment, record: BackupRecord, { run, planDigest }: FilesOf): Promise<Faults> {
  const { id, sha256 } = record.receipt;
  const proof = (await readProof(environment, id)) ?? missing(id, 'the proof');
  return [
    proof.sha256 !== sha256 && 'its proof is of another dump',
    proof.recordDigest !== digestOf(record) && 'its record was changed since the proof',
    !isOfRun(record.run, run) && `it is of the run ${record.run.firstRun} of ${record.run.workflowId}`,
    record.environment !== environment.name && `it is of ${record.environment}`,
    record.planDigest !== planDigest && `it is of plan ${record.planDigest.slice(0, 12)}`,
    digestOf(record.plan) !== record.planDigest && 'its plan was changed',
  ];
}

function refuse({ receipt: { id, sha256 } }: BackupRecord, faults: Faults): void {
  const found = faults.filter((fault) => fault !== false);
  if (found.length === 0) return;
  const expected = `expected backup ${id} proven and unchanged (sha256 ${sha256.slice(0, 12)})`;
  throw permanent('BackupNotProven', `${expected}, found: ${found.join('; ')}; take a new backup`);
}
