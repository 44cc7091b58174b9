import { changeNeedsMs, nextOpening } from '../../contract/plan/change-window';
import { readableDuration } from '../../contract/text/duration';
import { permanent } from '../../contract/run/failures';
import type { GateActivities } from '../../contract/activities/gate-activities';
import type { Policy } from '../decisions/policy';

/**
 * Looks when production may be changed next, by the policy of this worker: the first moment from which its windows stay
 * open for all that the plan does there. Reads its clock and nothing else, so it is safe to run again.
 *
 * @throws `WrongState` when no window is long enough
 */
export function createFindWindow({ policy }: { policy: Pick<Policy, 'windows'> }): GateActivities['findWindow'] {
  return async (plan) => {
    const needsMs = changeNeedsMs(plan);
    const now = new Date();
    const opensAt = nextOpening(policy.windows ?? [], now, needsMs);
    if (opensAt === undefined) {
      const expected = `expected a change window of at least ${readableDuration(needsMs)}`;
      throw permanent('WrongState', `${expected}, found none; see policy.windows of the settings; nothing was changed`);
    }
    return {
      open: opensAt <= now,
      opensAt: opensAt.toISOString(),
      doneBy: new Date(opensAt.getTime() + needsMs).toISOString(),
    };
  };
}
