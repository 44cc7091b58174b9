import { CancellationScope, condition, patched } from '@temporalio/workflow';
import { toMs } from '../../contract/text/duration';
import type { RolloutOrder } from '../../contract/run/inputs';
import type { Loaded } from '../../contract/activities/loaded';
import { plannedLine } from '../../report/run/announcements';
import type { Journal } from '../journal/journal';

/** Customers who plan by the week know it by then. */
const aWeekMs = toMs('7 days');

/**
 * Tells stakeholders a week ahead that production is going to be changed, where the order says from when on; where it was ordered later
 * than that, at once. Once, beside the story: nobody has approved it yet, so it says "at the earliest". Where soak and notice take
 * longer than that anyway, the announcement after the approval is the only one.
 */
export async function announcePlanned(journal: Journal, loaded: Loaded, { notBefore }: RolloutOrder): Promise<void> {
  if (notBefore === undefined || !patched('planned-ahead')) return;
  const { plan, target, soakMs } = loaded;
  const atMs = Date.parse(notBefore);
  if (atMs - Date.now() < soakMs + toMs(plan.durations.announceAhead)) return;
  const isOver = (): boolean => journal.facts.outcome !== undefined || journal.facts.announced !== undefined;
  await CancellationScope.nonCancellable(async () => {
    const waitMs = atMs - aWeekMs - Date.now();
    if (waitMs > 0)
      await condition(isOver, waitMs, { summary: 'a week before production changes: stakeholders are told' });
    if (isOver()) return;
    const at = new Date(atMs).toISOString();
    const line = plannedLine({ plan: plan.name, target, at });
    journal.facts.announced = at;
    journal.tell('change.planned', line, { at });
  });
}
