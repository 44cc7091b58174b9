import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { RestoreInput } from '../../contract/activities/effect-inputs';
import { permanent } from '../../contract/run/failures';
import { findChallenge } from '../../sql/state';
import { decidesAlone, type Environment } from '../environment/environment';
import type { Session } from '../environment/session';
import { readRow } from '../state/observe-state';
import { requireRightServer } from '../state/point-of-no-return';

/** @throws `WrongState` unless it is the right server, and the right rollout, which has dropped */
export async function requireRestorable(
  session: Omit<Session, 'signal'>,
  { rollout, planDigest }: RestoreInput,
): Promise<void> {
  await requireRightServer(session);
  const row = await readRow(session.client, rollout);
  if (row?.state !== 'dropped' || row.planDigest !== planDigest) {
    const found = `found ${row === undefined ? 'none' : `"${row.state}" for plan ${row.planDigest.slice(0, 12)}`}`;
    const expected = `expected the state row of ${rollout.workflowId} "dropped" for plan ${planDigest.slice(0, 12)}`;
    throw permanent('WrongState', `${expected}, ${found}; nothing was changed`);
  }
}

/** Decisions that are worth as much as is lost. @throws `NotDecided` */
export function requireAcceptedLoss(environment: Environment, { decision }: RestoreInput, lostRows: number): void {
  if (!decidesAlone(environment) && decision?.gate.purpose !== 'accept-loss' && lostRows > 0) {
    const found = `found ${lostRows} rows that would be lost`;
    const message = `expected a rollback without loss, as it was approved, ${found}; nothing was changed`;
    throw permanent('NotDecided', `${message}; start the rollback again: it asks for an accepted loss`);
  }
}

/** Of the decision that the first effect uses: with new keys, that they were opened. */
export async function isUsed(client: PostgresClient, { decision, newKeys }: RestoreInput): Promise<boolean> {
  const used = newKeys?.opened ?? decision;
  if (used === undefined) return false;
  const { rows } = await client.query(findChallenge, [used.gate.challenge]);
  return rows.length === 1;
}
