import type { Temporal } from '../../adapters/temporal';
import type { ControlActivities } from '../../contract/activities/control-activities';
import { permanent } from '../../contract/run/failures';
import { aftercareId, deliveryId, taskQueues, workflowTypes } from '../../contract/run/names';
import { deliverSignal, readNewEvent, receiverName } from '../../contract/run/run-event';
import { digestOf } from '../../contract/text/digest';
import { receiversOf, type Audiences } from './audience';

/**
 * Gives an event to the workflow that tells it. Guards against a run that waits for a receiver, or ends before one was told: that workflow
 * outlives it. Safe to run twice: the id follows from what happened, and the workflow takes each id once.
 *
 * @throws `InvalidInput` for what is no event, `NotDecided` for one of another run
 */
export function createHandOver(
  deps: Audiences & { temporal: Pick<Temporal, 'signalWithStart'> },
): ControlActivities['handOver'] {
  return async ({ run, event: given }) => {
    const event = readNewEvent(given);
    if ('refused' in event) throw permanent('InvalidInput', event.refused);
    if (![event.run.workflowId, aftercareId(event.run)].includes(run.workflowId))
      throw permanent('NotDecided', `expected ${run.workflowId} to tell of itself, found ${event.run.workflowId}`);
    const receivers = receiversOf(event, deps);
    if (receivers.length === 0) return { receivers: [] };
    const { type, at, data } = event;
    const id = `evt_${digestOf([event.run.workflowId, event.run.firstRun, type, at, data]).slice(0, 32)}`;
    await deps.temporal.signalWithStart({
      type: workflowTypes.delivery,
      workflowId: deliveryId(event.run),
      taskQueue: taskQueues.control,
      searchAttributes: { RolloutPlan: event.run.plan, RolloutTarget: event.run.target },
      summary: `tells webhooks and people by mail what happens to ${event.run.workflowId}`,
      signal: deliverSignal,
      signalInput: { event: { id, ...event }, to: receivers },
    });
    return { receivers: receivers.map(receiverName) };
  };
}
