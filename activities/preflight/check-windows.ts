import {
  freezeText,
  longestWaitMs,
  nextFreeze,
  nextOpening,
  type ChangeCalendar,
} from '../../contract/plan/change-calendar';
import { changeNeedsMs, windowNeedsMs } from '../../contract/plan/change-time';
import { readableDuration, toMs } from '../../contract/text/duration';
import { readableInstant } from '../../contract/text/instant';
import { finding, type Finding } from '../../contract/run/findings';
import type { Plan } from '../../contract/plan/plan';

/** When approvers are asked, at the earliest: after the soak. */
interface Asked {
  soakMs: number;
  now: Date;
}

/**
 * Whether the policy's windows are long enough for what the plan does in production, come before an approval expires, and whether a
 * freeze is in the way by then. Neither of them = production can always be changed, which is no finding.
 */
export function checkWindows(
  calendar: ChangeCalendar,
  plan: Pick<Plan, 'durations'>,
  { soakMs, now }: Asked,
): Finding[] {
  const isLongEnough = nextOpening(calendar, now, windowNeedsMs(plan)) !== undefined;
  return [
    ...windowFindings(calendar, plan, now),
    ...(isLongEnough ? freezeFindings(calendar, plan, new Date(now.getTime() + soakMs)) : []),
  ];
}

function windowFindings({ windows = [] }: ChangeCalendar, plan: Pick<Plan, 'durations'>, now: Date): Finding[] {
  if (windows.length === 0) return [];
  const needsMs = windowNeedsMs(plan);
  const waitMs = longestWaitMs(windows, now, needsMs);
  const leastMs = (waitMs ?? 0) + changeNeedsMs(plan);
  return [
    finding('change windows', waitMs !== undefined, {
      expected: `a window of at least ${readableDuration(needsMs)}: maintenance, trial, the drop's tries and monitor`,
      found: waitMs === undefined ? 'none' : `one at least every ${readableDuration(waitMs)}`,
      remedy:
        'lengthen a window of policy.windows in the settings, or shorten trial, lockGivesUp or monitor of the plan; an order with "override" keeps to none',
    }),
    ...(waitMs === undefined
      ? []
      : [
          finding('change windows and approval', toMs(plan.durations.gateExpiry) >= leastMs, {
            expected: `an approval that holds until the next window: at least ${readableDuration(leastMs)}`,
            found: `gateExpiry ${plan.durations.gateExpiry}`,
            remedy: `set durations.gateExpiry of the plan to ${Math.ceil(leastMs / 3_600_000)} hours`,
          }),
        ]),
  ];
}

/** An approval of production can't wait for the end of a freeze of weeks. */
function freezeFindings(calendar: ChangeCalendar, plan: Pick<Plan, 'durations'>, askedAt: Date): Finding[] {
  const frozen = nextFreeze(calendar.freezes ?? [], askedAt);
  const expiresMs = askedAt.getTime() + toMs(plan.durations.gateExpiry);
  if (frozen === undefined || frozen.span.from > expiresMs) return [];
  const opensAt = nextOpening(calendar, askedAt, windowNeedsMs(plan));
  const isInTime = opensAt !== undefined && opensAt.getTime() + changeNeedsMs(plan) <= expiresMs;
  const opens = opensAt === undefined ? 'never' : readableInstant(opensAt.toISOString());
  return [
    finding('freezes', isInTime, {
      expected: `a change of production that fits into the approval, until ${readableInstant(new Date(expiresMs).toISOString())}`,
      found: isInTime ? `one from ${opens} on` : `${freezeText(frozen)}: it could begin ${opens}`,
      remedy:
        'start it so that its soak ends after the freeze, or order it with "override", which takes one more approval',
    }),
  ];
}
