import { taskQueues, workflowTypes } from '../contract/names';
import type { ControlActivities } from '../contract/steps';
import type { Temporal } from '../adapters/temporal';

/**
 * Starts the workflow that looks after production for a week, through the client: a child would end with its parent, or
 * keep it from ending. Safe to run twice: one that is open already is left alone.
 */
export function createStartAftercare({
  temporal,
}: {
  temporal: Pick<Temporal, 'start'>;
}): ControlActivities['startAftercare'] {
  return async (input) => {
    const workflowId = `${input.rollout}/aftercare`;
    await temporal.start({
      type: workflowTypes.aftercare,
      workflowId,
      taskQueue: taskQueues.control,
      input,
      searchAttributes: { RolloutPlan: input.planName, RolloutTarget: input.target },
      summary: `looks after ${input.target} once ${input.rollout} has ended`,
      ifOpen: 'keep',
    });
    return { workflowId };
  };
}
