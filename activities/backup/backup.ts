import { failPoint } from '../../adapters/programs/fail-point';
import type { TableName } from '../../adapters/postgres/sql-name';
import { readIdentity } from '../../adapters/server/identity';
import { readWhole } from '../../adapters/files/file-digest';
import { takeBackup } from '../../adapters/dump/take-backup';
import { permanent } from '../../contract/run/failures';
import type { Plan } from '../../contract/plan/plan';
import type { BackupReceipt } from '../../contract/run/receipts';
import { dumpFile, findBackups, makeBackupFolder, readRecord, removeUnfinished, writeRecord } from './backup-folder';
import { makeBackupKeys } from './backup-identity';
import type { BackupKeys } from './backup-identity';
import { scopeOfBackup } from './backup-scope';
import { captureRemovals, changedCaptures } from '../catalogue/capture-removals';
import type { Capture } from '../catalogue/captured-columns';
import { withDatabase } from '../environment/database';
import { allowEffect } from '../decisions/allow-effect';
import type { RolloutDeps } from '../decisions/rollout-decisions';
import type { Environment } from '../environment/environment';
import { heartbeat, withHeartbeat } from '../environment/heartbeat';
import type { Session } from '../environment/session';
import { requireRightServer } from '../state/point-of-no-return';
import type { OfKnownPlan, PerformOfPlan } from '../statements/of-known-plan';

type Order = OfKnownPlan<'backup'>;

/**
 * Dumps the database and takes, in the dump's own snapshot, the fingerprints that its proof is compared with; notes the
 * columns or tables as they are. Guards against a backup that nobody can restore from, that is of another server or moment, or that
 * lacks the plan's tables. Nothing of it stands on a disk in clear.
 *
 * A second run finds the finished backup of this run and takes no other, unless the first one was refuted or damaged.
 *
 * @throws `WrongState` if somebody alters what is removed, or another server answers, meanwhile
 */
export function createBackup(deps: RolloutDeps): PerformOfPlan<'backup'> {
  return (order) =>
    withHeartbeat(async (signal) => {
      const environment = deps.environment(order.run.target);
      await allowEffect(environment, deps, order);
      const keys = await makeBackupKeys(environment, order.run);
      const earlier = await finishedBackup({ environment, signal }, order, keys);
      if (earlier !== undefined) return earlier;
      await removeUnfinished(environment, order.run);
      const id = await makeBackupFolder(environment, order.run);
      try {
        return await take({ environment, signal }, order, { id, recipient: keys.recipient });
      } catch (error) {
        await removeUnfinished(environment, order.run).catch(() => undefined); // the first error wins
        throw error;
      }
    });
}

async function take(
  { environment, signal }: Omit<Session, 'client'>,
  order: Order,
  { id, recipient }: { id: string; recipient: string },
): Promise<BackupReceipt> {
  const { run, plan, planDigest } = order;
  const tables = requireScope(environment, plan);
  const before = await look(environment, plan);
  const { dump, fingerprints } = await takeBackup({
    connection: { url: environment.postgresUrl, applicationName: `rubicon ${run.target} ${environment.name} backup` },
    ...{ file: dumpFile(environment, id), recipient, tables, toolsFolder: environment.toolsFolder },
    ...{ signal, onProgress: heartbeat },
  });
  const after = await look(environment, plan);
  const isAltered = changedCaptures(plan, before.captured, after.captured).length > 0;
  if (isAltered || before.systemIdentifier !== after.systemIdentifier) {
    throw permanent('WrongState', 'expected no change to what is removed during the backup, found one');
  }
  const { sizeBytes, sha256, startedAt, tookMs, serverVersion, clientVersion, compression } = dump;
  const rowCount = fingerprints.reduce((sum, table) => sum + table.rowCount, 0);
  const receipt: BackupReceipt = {
    ...{ id, sizeBytes, sha256, tables: fingerprints.length, rowCount, takenAt: startedAt },
    ...{ tookMs, serverVersion, clientVersion, compression },
  };
  const of = { run, environment: environment.name, plan, planDigest };
  await failPoint('backup: before its record');
  await writeRecord(environment, id, { ...of, receipt, fingerprints, recipient, ...before });
  await failPoint('backup: after');
  return receipt;
}

/**
 * What an earlier, lost attempt has finished, or this run before its way back was rehearsed. One whose dump was changed since, whose
 * proof failed, whose identity is gone, or that has captured other definitions than there are by now, is passed over.
 */
async function finishedBackup(
  { environment, signal }: Omit<Session, 'client'>,
  { run, plan, planDigest }: Order,
  keys: BackupKeys,
): Promise<BackupReceipt | undefined> {
  const found = await findBackups(environment, run);
  if (found.length === 0) return undefined;
  const now = await look(environment, plan);
  for (const id of found) {
    const { receipt, captured, planDigest: of, recipient } = await readRecord(environment, id);
    if (changedCaptures(plan, captured, now.captured).length > 0) continue;
    const { sha256 } = await readWhole(dumpFile(environment, id), { signal }).catch(() => ({ sha256: '' }));
    signal.throwIfAborted();
    if (of === planDigest && recipient === keys.recipient && sha256 === receipt.sha256) return receipt;
  }
  return undefined;
}

interface Seen {
  captured: Capture[];
  systemIdentifier: string | null;
}

function look(environment: Environment, plan: Pick<Plan, 'removes'>): Promise<Seen> {
  return withDatabase(environment, 'capture', async (client) => {
    await requireRightServer({ client, environment });
    const captured = await captureRemovals({ client, environment }, plan);
    return { captured, systemIdentifier: (await readIdentity(client)).systemIdentifier };
  });
}

/** Undefined: the whole database. */
function requireScope(environment: Environment, plan: Pick<Plan, 'removes' | 'revision'>): TableName[] | undefined {
  const { tables, missing } = scopeOfBackup(environment, plan);
  if (missing.length === 0) return tables;
  const expected = `expected ${missing.join(', ')} among the tables of the backup`;
  throw permanent('BackupNotProven', `${expected}, found that the settings leave it out; add it to backups.scope`);
}
