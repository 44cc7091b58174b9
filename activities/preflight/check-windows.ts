import { changeNeedsMs, longestWaitMs, type ChangeWindow } from '../../contract/plan/change-window';
import { readableDuration, toMs } from '../../contract/text/duration';
import { finding, type Finding } from '../../contract/run/findings';
import type { Plan } from '../../contract/plan/plan';

/**
 * Whether the policy's windows are long enough for what the plan does in production, and come before an approval expires.
 * None = production can always be changed, which is no finding.
 */
export function checkWindows(windows: readonly ChangeWindow[], plan: Pick<Plan, 'durations'>): Finding[] {
  if (windows.length === 0) return [];
  const needsMs = changeNeedsMs(plan);
  const waitMs = longestWaitMs(windows, new Date(), needsMs);
  const expiryMs = toMs(plan.durations.gateExpiry);
  const leastMs = (waitMs ?? 0) + needsMs;
  return [
    finding('change windows', waitMs !== undefined, {
      expected: `a window of at least ${readableDuration(needsMs)}: maintenance, trial and the drop's tries`,
      found: waitMs === undefined ? 'none' : `one at least every ${readableDuration(waitMs)}`,
      remedy: 'lengthen a window of policy.windows in the settings, or shorten the trial or lockGivesUp of the plan',
    }),
    ...(waitMs === undefined
      ? []
      : [
          finding('change windows and approval', expiryMs >= leastMs, {
            expected: `an approval that holds until the next window ends: at least ${readableDuration(leastMs)}`,
            found: `gateExpiry ${plan.durations.gateExpiry}`,
            remedy: `set durations.gateExpiry of the plan to ${Math.ceil(leastMs / 3_600_000)} hours`,
          }),
        ]),
  ];
}
