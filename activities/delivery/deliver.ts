import { activityInfo } from '@temporalio/activity';
import type { ControlActivities } from '../../contract/activities/control-activities';
import { permanent } from '../../contract/run/failures';
import { deliveryId } from '../../contract/run/names';
import { readEvent, type RunEvent } from '../../contract/run/run-event';
import type { Person } from '../decisions/policy';
import type { Channels } from './channels';
import { sendMail } from './send-mail';
import { sendWebhook } from './send-webhook';

/**
 * Tells one receiver of one event. Guards against news that somebody else makes up: it speaks for a run only where the delivery of that run
 * asks. A second run tells it again, with the same id, by which a receiver knows it; that is also all that can be known after a
 * connection that broke between the news and the answer.
 *
 * @throws `NotDecided`, `InvalidInput`; what can't be told now is thrown with the time after which Temporal tries again
 */
export function createDeliver(deps: Channels & { people: readonly Person[] }): ControlActivities['deliver'] {
  return async ({ event: given, to }) => {
    const event = readEvent(given);
    if ('refused' in event) throw permanent('InvalidInput', event.refused);
    requireDelivery(event);
    await ('webhook' in to ? sendWebhook(deps, event, to.webhook) : sendMail(deps, event, to));
  };
}

function requireDelivery({ run }: RunEvent): void {
  const asker = activityInfo().workflowExecution?.workflowId;
  if (asker === deliveryId(run)) return;
  throw permanent(
    'NotDecided',
    `expected ${deliveryId(run)} to tell of ${run.workflowId}, found ${asker ?? 'no workflow'}; nothing was told; find out who has started that one`,
  );
}
