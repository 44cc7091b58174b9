import type { PostgresClient } from '../../adapters/postgres/postgres';
import { permanent } from '../../contract/run/failures';
import { readableInstant } from '../../contract/text/instant';
import type { EnvironmentActivities } from '../../contract/activities/environment-activities';
import { beginHold, endHold, selectHold, type Hold } from '../../sql/hold';
import { withDatabase } from '../environment/database';
import type { FindEnvironment } from '../environment/environment';
import type { OfRun } from '../environment/run-folders';

/**
 * Notes in the database that a run is on hold, or goes on. Guards against effects of a run that its people believe to be held: they ask
 * the database, and not the workflow. Safe to run twice.
 */
export function createNoteHold({
  environment: find,
}: {
  environment: FindEnvironment;
}): EnvironmentActivities['noteHold'] {
  return async ({ run, reason }) => {
    const of = [run.workflowId, run.firstRun];
    await withDatabase(find(run.target), 'hold', (client) =>
      reason === undefined ? client.query(endHold, of) : client.query(beginHold, [...of, reason.slice(0, 2_000)]),
    );
  };
}

/** @throws `WrongState` while this run is on hold */
export async function requireNotHeld(client: PostgresClient, run: OfRun): Promise<void> {
  const hold = (await client.query<Hold>(selectHold, [run.workflowId, run.firstRun])).rows[0];
  if (hold === undefined) return;
  throw permanent(
    'WrongState',
    `expected ${run.workflowId} not to be on hold, found a hold since ${readableInstant(hold.since)} (${hold.reason}); nothing was changed; send "resume"; where it says that it is not on hold, send "hold" first`,
  );
}
