import { endMaintenance } from '../../sql/maintenance';
import { withDatabase } from '../environment/database';
import type { Environment } from '../environment/environment';
import { openMaintenance } from '../state/maintenance';
import { bring } from './set-maintenance';

/** A maintenance that was still on after its deadline, and is not any more. */
export interface Lifted {
  /** The rollout or rollback that had turned it on. */
  workflowId: string;
}

/**
 * Ends a maintenance of production whose deadline has passed, by the database's clock. Guards against people who wait for a run that
 * is stopped, or for a Temporal that is down: it asks neither. Undefined where none is overdue.
 *
 * Safe to run twice, and beside the run itself: it looks first.
 *
 * @throws `ActionFailed` if it is not off within the action's limit
 */
export async function liftOverdue(environment: Environment, signal: AbortSignal): Promise<Lifted | undefined> {
  const { maintenance } = environment.application.actions;
  if (maintenance === undefined) return undefined;
  return withDatabase(environment, 'overdue maintenance', async (client) => {
    const open = await openMaintenance(client);
    if (open?.isOverdue !== true) return undefined;
    await bring({ environment, signal, maintenance }, false);
    await client.query(endMaintenance);
    return { workflowId: open.workflowId };
  });
}
