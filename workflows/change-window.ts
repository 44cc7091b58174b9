import { readableInstant } from '../contract/instant';
import type { Loaded } from '../contract/steps';
import { gates } from './activities';
import type { Granted } from './gate';
import type { Journal } from './journal';
import { Stop } from './stop';

/** Begins to change production only in a window of the policy in which all of it fits; hold and abort act meanwhile. */
export async function changeWindow(journal: Journal, loaded: Loaded, { gate }: Granted): Promise<void> {
  if (loaded.hasWindows !== true) return;
  await journal.step('production: change window', () => untilOpen(journal, loaded, gate.expiresAt), {
    note: (opensAt) => `open since ${readableInstant(opensAt)}`,
  });
}

async function untilOpen(journal: Journal, { plan, target }: Loaded, expiresAt: string): Promise<string> {
  for (let announced = ''; ;) {
    const { opensAt, doneBy } = await gates.findWindow(plan);
    const when = readableInstant(opensAt);
    if (doneBy > expiresAt) {
      const late = `the approval ends at ${readableInstant(expiresAt)}, before the change that begins at ${when} is done`;
      throw new Stop('expired', `${late}; start again, with a longer gateExpiry in the plan`);
    }
    const waitMs = Date.parse(opensAt) - Date.now();
    if (waitMs <= 0) {
      journal.waitFor(undefined);
      return opensAt;
    }
    if (announced !== opensAt)
      journal.bulletin.announce(`${plan.name}: production of ${target} is changed at ${when}`, true);
    announced = opensAt;
    journal.waitFor({
      for: 'time',
      sentence: 'the change window of production',
      who: 'nobody: time alone',
      until: opensAt,
      then: 'production is changed',
      signals: [
        { name: 'hold', input: { reason: '…' }, does: 'stop here' },
        { name: 'abort', input: { reason: '…' }, does: 'end with everything as it was' },
      ],
    });
    await journal.safePoint();
    await journal.rest(waitMs, `the change window opens at ${when}`);
  }
}
