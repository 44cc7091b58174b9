import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { RestoreInput } from '../../contract/activities/effect-inputs';
import { permanent } from '../../contract/run/failures';
import { findChallenge } from '../../sql/state';
import { allowRollback, type RestoreDeps } from '../approval/rollback-decisions';
import { decidesAlone, type Environment } from '../environment/environment';
import { readRow } from '../state/observe-state';
import { requireRightServer } from '../state/point-of-no-return';

/** Right server, right rollout, decisions that are worth as much as is lost. */
export async function allowRestore(
  client: PostgresClient,
  deps: RestoreDeps,
  environment: Environment,
  input: RestoreInput,
  lostRows: number,
): Promise<void> {
  const { rollout, decision, planDigest } = input;
  await requireRightServer({ client, environment });
  const row = await readRow(client, rollout);
  if (row?.state !== 'dropped' || row.planDigest !== planDigest) {
    const found = `found ${row === undefined ? 'none' : `"${row.state}" for plan ${row.planDigest.slice(0, 12)}`}`;
    const expected = `expected the state row of ${rollout.workflowId} "dropped" for plan ${planDigest.slice(0, 12)}`;
    throw permanent('WrongState', `${expected}, ${found}; nothing was changed`);
  }
  if (!decidesAlone(environment) && decision?.gate.purpose !== 'accept-loss' && lostRows > 0) {
    const found = `found ${lostRows} rows that would be lost`;
    const message = `expected a rollback without loss, as it was approved, ${found}; nothing was changed`;
    throw permanent('NotDecided', `${message}; start the rollback again: it asks for an accepted loss`);
  }
  await allowRollback({ client, environment }, deps, input);
}

/** Of the decision that the first effect uses: with new keys, that they were opened. */
export async function isUsed(client: PostgresClient, { decision, newKeys }: RestoreInput): Promise<boolean> {
  const used = newKeys?.opened ?? decision;
  if (used === undefined) return false;
  const { rows } = await client.query(findChallenge, [used.gate.challenge]);
  return rows.length === 1;
}
