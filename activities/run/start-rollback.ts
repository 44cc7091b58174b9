import { taskQueues, workflowTypes } from '../../contract/run/names';
import type { ControlActivities } from '../../contract/activities/control-activities';
import type { Temporal } from '../../adapters/temporal';

/**
 * Starts the rollback workflow as one of its own, so that it outlives the rollout that ordered it. Safe to run twice: one
 * that is open already is left alone. One that has ended (rejected, say) is no obstacle to a new order.
 */
export function createStartRollback({
  temporal,
}: {
  temporal: Pick<Temporal, 'start'>;
}): ControlActivities['startRollback'] {
  return async ({ order, workflowId }) => {
    await temporal.start({
      type: workflowTypes.rollback,
      workflowId,
      taskQueue: taskQueues.control,
      input: order,
      summary: `rolls back ${order.rollout ?? `${order.plan} on ${order.target}`}`.slice(0, 190),
      ifOpen: 'keep',
    });
    return { workflowId };
  };
}
