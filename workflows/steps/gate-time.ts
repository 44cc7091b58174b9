import { patched } from '@temporalio/workflow';
import { changeNeedsMs } from '../../contract/plan/change-time';
import { readableInstant } from '../../contract/text/instant';
import { toMs } from '../../contract/text/duration';
import type { RolloutOrder } from '../../contract/run/inputs';
import type { Loaded } from '../../contract/activities/loaded';
import { waitingForTime } from '../../report/run/waiting';
import type { Journal } from '../journal/journal';

/**
 * Waits until approvals would last for a change that is not to be before an instant: a request that opens days ahead would expire before
 * it counts. Hold and abort act in the middle.
 */
export async function untilGateMayOpen(journal: Journal, loaded: Loaded, { notBefore }: RolloutOrder): Promise<void> {
  if (notBefore === undefined || !patched('planned-ahead')) return;
  const at = Date.parse(notBefore) - aheadMs(loaded);
  if (Date.now() >= at) return;
  const until = new Date(at).toISOString();
  journal.waitFor(waitingForTime('the time to ask for approval', until));
  while (Date.now() < at) {
    await journal.safePoint();
    await journal.rest(at - Date.now(), `approval is requested at ${readableInstant(until)}`);
  }
  journal.waitFor(undefined);
}

/**
 * How long before it the gate opens: so that its approvals last for backup and change. Where a window has to be waited for besides, which
 * preflight has held against the expiry, no longer than the notice that people get.
 */
function aheadMs({ plan, hasWindows }: Loaded): number {
  const { gateExpiry, announceAhead } = plan.durations;
  if (hasWindows === true) return toMs(announceAhead);
  const expiryMs = toMs(gateExpiry);
  return Math.max(toMs(announceAhead), expiryMs - Math.max(expiryMs / 4, 2 * changeNeedsMs(plan)));
}
