import { toMs } from '../../contract/text/duration';
import type { RolloutOrder } from '../../contract/run/inputs';
import { readableInstant } from '../../contract/text/instant';
import type { Loaded } from '../../contract/activities/loaded';
import type { Journal } from '../journal/journal';
import { changeAheadLine } from '../../report/run/announcements';
import { waitingForTime } from '../../report/run/waiting';

/** Tells the stakeholders when production is changed, and waits until then; hold and abort act in the middle. */
export async function announceAhead(journal: Journal, loaded: Loaded, order: RolloutOrder): Promise<void> {
  const { plan, target } = loaded;
  const earliest = order.notBefore === undefined ? 0 : Date.parse(order.notBefore);
  const at = Math.max(Date.now() + toMs(plan.durations.announceAhead), earliest);
  const until = new Date(at).toISOString();
  const when = readableInstant(until);
  const maintenanceMs = loaded.covered.production.maintenance ? toMs(plan.durations.maintenance) : undefined;
  const line = changeAheadLine({ plan: plan.name, target, at: until, maintenanceMs });
  journal.facts.announced = until;
  journal.tell('change.announced', line, { at: until, ...(maintenanceMs !== undefined && { maintenanceMs }) });
  journal.waitFor(waitingForTime('the announced time', until));
  while (Date.now() < at) {
    await journal.safePoint();
    await journal.rest(at - Date.now(), `announced: production changes at ${when}`);
  }
  journal.waitFor(undefined);
}
