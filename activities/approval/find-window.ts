import { freezeText, nextFreeze, nextOpening } from '../../contract/plan/change-calendar';
import { changeNeedsMs, windowNeedsMs } from '../../contract/plan/change-time';
import { readableDuration } from '../../contract/text/duration';
import { permanent } from '../../contract/run/failures';
import type { GateActivities } from '../../contract/activities/gate-activities';
import type { Policy } from '../decisions/policy';

/**
 * Looks when production may be changed next, by the policy of this worker: the first moment from which it stays open, outside every
 * freeze, for all that the plan does there and for watching it afterwards. Reads its clock and nothing else, so it is safe to run again.
 *
 * @throws `WrongState` when no window is long enough
 */
export function createFindWindow({
  policy,
}: {
  policy: Pick<Policy, 'windows' | 'freezes'>;
}): GateActivities['findWindow'] {
  return async (plan) => {
    const needsMs = windowNeedsMs(plan);
    const now = new Date();
    const opensAt = nextOpening(policy, now, needsMs);
    if (opensAt === undefined) {
      const expected = `expected a change window of at least ${readableDuration(needsMs)}, with the time for the monitor`;
      throw permanent('WrongState', `${expected}, found none; see policy.windows of the settings; nothing was changed`);
    }
    const frozen = nextFreeze(policy.freezes ?? [], now);
    return {
      open: opensAt <= now,
      opensAt: opensAt.toISOString(),
      doneBy: new Date(opensAt.getTime() + changeNeedsMs(plan)).toISOString(),
      ...(frozen !== undefined && frozen.span.from < opensAt.getTime() + needsMs && { because: freezeText(frozen) }),
    };
  };
}
