import { failPoint } from '../../adapters/programs/fail-point';
import { readClusterFacts } from '../../adapters/database-copy/cluster-facts';
import { withComparedDump } from '../../adapters/dump/prove-dump';
import type { Difference } from '../../adapters/dump/compare-fingerprints';
import type { TableFingerprint } from '../../adapters/rows/fingerprint';
import { digestOf } from '../../contract/text/digest';
import { permanent } from '../../contract/run/failures';
import { obstacles } from '../../contract/run/findings';
import type { EnvironmentActivities } from '../../contract/activities/environment-activities';
import type { ProofReceipt } from '../../contract/run/receipts';
import { readProof, readRecord, receiptOfProof, writeProof, writeRefuted } from '../backup/backup-folder';
import type { BackupProof, BackupRecord } from '../backup/backup-folder';
import { writeLookups } from '../backup/backup-lookups';
import { dumpOf } from '../backup/dump-of';
import { withSession } from '../environment/database';
import type { Environment, FindEnvironment } from '../environment/environment';
import { heartbeat, withHeartbeat } from '../environment/heartbeat';
import { isOfRun } from '../environment/run-folders';
import type { Session } from '../environment/session';
import { requireProven } from '../backup/proven-backup';
import { rehearseProven } from './rehearse-proven';

/**
 * Restores a dump into a throw-away server, compares every table with its fingerprint, notes which keys it could give
 * back, and destroys the server. Guards against a dump that looks whole and is not: `pg_restore --list` accepts a
 * truncated one.
 *
 * A second run of a proven backup looks whether it is unchanged.
 *
 * @throws `BackupNotProven` with every difference
 */
export function createProveBackup({
  environment: find,
}: {
  environment: FindEnvironment;
}): EnvironmentActivities['proveBackup'] {
  return ({ run, id }) =>
    withHeartbeat(async (signal) => {
      const environment = find(run.target);
      const record = await readRecord(environment, id);
      if (!isOfRun(record.run, run))
        throw permanent('BackupNotProven', `expected a backup of this run, found ${id} of ${record.run.workflowId}`);
      const earlier = await readProof(environment, id);
      if (earlier?.rehearsal !== undefined) {
        await requireProven({ environment, signal }, id, { run, planDigest: record.planDigest });
        return receiptOfProof(earlier);
      }
      const proof = await prove({ environment, signal }, record);
      if (obstacles(proof.findings ?? []).length > 0) return refuse(environment, proof);
      await failPoint('proof: before its record');
      await writeProof(environment, id, proof);
      await failPoint('proof: after');
      return receiptOfProof(proof);
    });
}

/**
 * A backup whose rows do not come back is no way back, however well it restores: a retry takes a new one, of a database that
 * was changed by then. One of which that could not be found out is proven again.
 */
async function refuse(environment: Environment, proof: BackupProof): Promise<ProofReceipt> {
  const against = obstacles(proof.findings ?? []);
  if (against.some(({ status }) => status === 'failed')) await writeRefuted(environment, proof.id, against);
  return receiptOfProof(proof);
}

async function prove(session: Omit<Session, 'client'>, record: BackupRecord): Promise<BackupProof> {
  const { environment, signal } = session;
  const startedAt = performance.now();
  const { fingerprints: expected } = record;
  const { id, sha256 } = record.receipt;
  const dump = await dumpOf(environment, record);
  const facts = await withSession(session, 'roles', ({ client }) => readClusterFacts(client));
  const order = { ...dump, expected, signal, onProgress: heartbeat, alsoAs: facts.worker.name };
  const outcome = await withComparedDump(order, async ({ found, differences }, connection, restoredIn) => {
    await failPoint('proof: restored');
    if (differences.length > 0) return { found, differences };
    const lookupsSha256 = await writeLookups(session, record, connection);
    const copy = { order, restoredIn, connection, facts };
    return { found, lookupsSha256, rehearsed: await rehearseProven(session, record, copy) };
  });
  if (!outcome.restored) return refute(environment, id, { differences: outcome.differences, missingExtensions: [] });
  const { missingExtensions } = outcome;
  const { found, lookupsSha256, rehearsed, differences } = outcome.value;
  if (lookupsSha256 === undefined) return refute(environment, id, { differences, missingExtensions });
  return {
    ...{ id, sha256, provenAt: new Date().toISOString(), destroyed: outcome.receipt.destroyed },
    ...{ tables: found.length, rowCount: rowsOf(found), tookMs: Math.round(performance.now() - startedAt) },
    ...{ recordDigest: digestOf(record), lookupsSha256 },
    ...rehearsed,
  };
}

async function refute(
  environment: Environment,
  id: string,
  { differences, missingExtensions }: { differences: Difference[]; missingExtensions: string[] },
): Promise<never> {
  const lines = differences.map(({ where, expected, found }) => `${where}: expected ${expected}, found ${found}`);
  const lacking = missingExtensions.join(', ');
  if (lacking !== '') {
    // It says nothing about the dump: the same one is proven again once the worker has them.
    const message = `backup ${id} can't be proven here: the worker's PostgreSQL lacks the extensions ${lacking}`;
    throw permanent('BackupNotProven', `${message}; install them, then answer "retry"`, { lines: lines.slice(0, 10) });
  }
  await writeRefuted(environment, id, differences);
  const seen = lines.slice(0, 10).join('; ');
  throw permanent('BackupNotProven', `backup ${id} is not proven: ${seen}; answer "retry" to take a new one`);
}

const rowsOf = (tables: readonly TableFingerprint[]): number => tables.reduce((sum, { rowCount }) => sum + rowCount, 0);
