import { aftercareId, taskQueues, workflowTypes } from '../../contract/run/names';
import type { ControlActivities } from '../../contract/activities/control-activities';
import type { Temporal } from '../../adapters/temporal';

/**
 * Starts the workflow that looks after production for a week and destroys the backups at their date, through the client:
 * a child would end with its parent, or keep it from ending. Safe to run twice: one that is open already is left alone.
 */
export function createStartAftercare({
  temporal,
}: {
  temporal: Pick<Temporal, 'start'>;
}): ControlActivities['startAftercare'] {
  return async (input) => {
    const { run, planName } = input;
    const workflowId = aftercareId(run);
    await temporal.start({
      type: workflowTypes.aftercare,
      workflowId,
      taskQueue: taskQueues.control,
      input,
      searchAttributes: { RolloutPlan: planName, RolloutTarget: run.target },
      summary: `watches ${run.target} and its backups once ${run.workflowId} has ended`,
      ifOpen: 'keep',
    });
    return { workflowId };
  };
}
