import { changeNeedsMs } from '../../contract/plan/change-time';
import type { Plan } from '../../contract/plan/plan';
import { toMs } from '../../contract/text/duration';
import { readableInstant } from '../../contract/text/instant';
import type { Loaded } from '../../contract/activities/loaded';
import { gates } from '../journal/activities';
import type { Granted } from '../../contract/run/decisions';
import type { Journal } from '../journal/journal';
import { AskingIsNoUse, Stop } from '../journal/stop';
import { changeAtLine } from '../../report/run/announcements';
import { endsTooEarly } from '../../report/run/endings';
import { changeWindowSentence, waitingForTime } from '../../report/run/waiting';

/**
 * Begins to change production only while the approval lasts for all of it, and when the policy lets it: in a window in which it fits
 * with its monitor, and in no freeze, unless the order overrides both. Hold and abort act meanwhile.
 */
export async function changeWindow(journal: Journal, loaded: Loaded, { gate }: Granted): Promise<void> {
  if (loaded.hasWindows !== true) {
    const doneBy = new Date(Date.now() + changeNeedsMs(loaded.plan)).toISOString();
    return requireInTime(loaded.plan, gate.expiresAt, { opensAt: new Date().toISOString(), doneBy });
  }
  await journal.step({ name: 'changeWindow', of: 'production' }, () => untilOpen(journal, loaded, gate.expiresAt), {
    note: (opensAt) => `open since ${readableInstant(opensAt)}`,
  });
}

async function untilOpen(journal: Journal, loaded: Loaded, expiresAt: string): Promise<string> {
  const { plan } = loaded;
  for (let announced = ''; ;) {
    const { open, opensAt, doneBy, because } = await gates.findWindow(plan);
    const when = readableInstant(opensAt);
    requireInTime(plan, expiresAt, { opensAt, doneBy });
    const waitMs = Date.parse(opensAt) - Date.now();
    if (open || waitMs <= 0) {
      journal.waitFor(undefined);
      return opensAt;
    }
    if (announced !== opensAt) announce(journal, loaded, opensAt);
    announced = opensAt;
    journal.waitFor(waitingForTime(changeWindowSentence(because), opensAt));
    await journal.safePoint();
    await journal.rest(waitMs, `the change window opens at ${when}`);
  }
}

function announce(journal: Journal, { plan, target, covered }: Loaded, at: string): void {
  const line = changeAtLine({ plan: plan.name, target, at });
  journal.facts.announced = at;
  const maintenance = covered.production.maintenance && { maintenanceMs: toMs(plan.durations.maintenance) };
  journal.tell('change.announced', line, { at, ...maintenance });
}

/** @throws Stop: nothing is changed on approvals that end in the middle of it */
function requireInTime({ durations }: Plan, expiresAt: string, { opensAt, doneBy }: Fits): void {
  if (doneBy <= expiresAt) return;
  const because = endsTooEarly(expiresAt, opensAt, doneBy);
  const wouldLast = Date.now() + toMs(durations.gateExpiry) >= Date.parse(doneBy);
  throw wouldLast ? new Stop('expired', because) : new AskingIsNoUse(because);
}

/** When a change may begin, and when it has ended at the latest, ISO. */
interface Fits {
  opensAt: string;
  doneBy: string;
}
