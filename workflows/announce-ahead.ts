import { toMs } from '../contract/duration';
import type { RolloutOrder } from '../contract/inputs';
import type { Loaded } from '../contract/steps';
import type { Journal } from './journal';

/** Tells the stakeholders when production is changed, and waits until then; hold and abort act in the middle. */
export async function announceAhead(journal: Journal, { plan }: Loaded, order: RolloutOrder): Promise<void> {
  const earliest = order.notBefore === undefined ? 0 : Date.parse(order.notBefore);
  const at = Math.max(Date.now() + toMs(plan.durations.announceAhead), earliest);
  const until = new Date(at).toISOString();
  journal.bulletin.announce(`${plan.name}: production is changed at ${until}. No interruption is expected.`, true);
  journal.waitFor({
    for: 'time',
    sentence: `the announced time ${until}`,
    who: 'nobody: time alone',
    until,
    then: 'production is changed',
    signals: [
      { name: 'hold', input: { reason: '…' }, does: 'stop here' },
      { name: 'abort', input: { reason: '…' }, does: 'end with everything as it was' },
    ],
  });
  while (Date.now() < at) {
    await journal.safePoint();
    await journal.rest(at - Date.now(), `announced: production changes at ${until}`);
  }
  journal.waitFor(undefined);
}
