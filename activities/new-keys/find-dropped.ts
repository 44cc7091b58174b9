import { permanent } from '../../contract/run/failures';
import { readRollouts } from '../../sql/state';
import type { RolloutRow } from '../../sql/state';
import { findBackups, readRecord } from '../backup/backup-folder';
import type { BackupRecord } from '../backup/backup-folder';
import { findDroppedRecord } from '../catalogue/dropped-record';
import { lookAtTable } from '../environment/look-at-table';
import type { Session } from '../environment/session';
import { requireProven } from '../backup/proven-backup';

/** Which rollout is meant by an order of a rollback. */
export interface Meant {
  target: string;
  /** Workflow id. */
  rollout?: string;
  /** Name of the plan, where no rollout is named. */
  planName?: string | undefined;
}

/**
 * The state row that is meant: the latest that has dropped, else the latest one. Undefined: no rollout of ours has come
 * as far as its gate here.
 *
 * @throws `WrongState` where `rubicon.rollout` can't be read
 */
export async function findRow(
  { client, environment }: Omit<Session, 'signal'>,
  { target, rollout, planName }: Meant,
): Promise<RolloutRow | undefined> {
  const look = await lookAtTable<RolloutRow>(client, readRollouts, [target]);
  if ('because' in look && look.because !== 'no such table') {
    const remedy = 'grant select on rubicon.rollout to the role of the worker';
    throw permanent('WrongState', `expected to read rubicon.rollout, found ${look.because}; ${remedy}`);
  }
  const all = 'rows' in look ? look.rows : [];
  const rows = all.filter(({ workflowId }) => rollout === undefined || workflowId === rollout);
  const latestFirst = [...rows.filter(({ state }) => state === 'dropped'), ...rows];
  if (rollout !== undefined || planName === undefined) return latestFirst[0];
  for (const row of latestFirst) {
    const dropped = await findDroppedRecord(client, row);
    if (dropped?.plan.name === planName) return row;
    if (dropped !== undefined) continue;
    const [newest] = await findBackups(environment, row);
    // Without a backup nobody can say whose plan it was; then it is better to be refused for that than to find nothing.
    if (newest === undefined || (await readRecord(environment, newest)).plan.name === planName) return row;
  }
  return undefined;
}

/** What was found of a rollout's backups. */
export interface FoundBackup {
  /** The one to restore from. Absent = none is of use. */
  record?: BackupRecord;
  /** Why those that are there are of no use. */
  refused: string[];
}

/** The newest proven and unchanged backup of a rollout. */
export async function findProven(session: Omit<Session, 'client'>, row: RolloutRow): Promise<FoundBackup> {
  const { environment, signal } = session;
  const refused: string[] = [];
  for (const id of await findBackups(environment, row)) {
    try {
      return { record: await requireProven(session, id, { run: row, planDigest: row.planDigest }), refused };
    } catch (error) {
      signal.throwIfAborted();
      refused.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { refused };
}
