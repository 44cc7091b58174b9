import { lossChangedLine } from '../../report/run/announcements';
import { reversibly } from '../decide/point-of-no-return';
import type { Journal } from '../journal/journal';
import { distributeKeys } from '../steps/distribute-keys';
import { restoreOrder } from '../steps/restore-order';
import type { Decided } from '../steps/take-back';
import { ask, sameLoss } from './approval';
import type { Ordered } from './load';
import { look } from './look';
import { nothingDropped } from './nothing-dropped';
import { takeTarget } from './take-target';
import { hold, yieldTo } from './takeover';

/** Hold → look → gate → yield → look again; a changed world opens the gate again. */
export async function decide(journal: Journal, ordered: Ordered): Promise<Decided> {
  const { loaded, rollout } = ordered;
  let decided: Decided | undefined;
  await reversibly(journal, async () => {
    if (loaded.plan.restore === 'none') await look(journal, ordered); // ends here, if it was dropped
    if (rollout !== undefined) await hold(journal, rollout);
    for (;;) {
      const found = await look(journal, ordered);
      if (found.observed.row !== 'dropped') {
        await nothingDropped(journal, ordered, found);
        continue; // dropped in this very moment
      }
      const granted = await ask(journal, loaded, found);
      if (rollout !== undefined) await yieldTo(journal, rollout, granted);
      await takeTarget(journal);
      const now = await look(journal, ordered);
      if (sameLoss(found, now)) {
        const input = { ...restoreOrder(journal, loaded, now), decision: granted };
        const newKeys = now.newKeys === true ? await distributeKeys(journal, loaded, input) : undefined;
        decided = { found: now, input: { ...input, ...(newKeys && { newKeys }) } };
        return;
      }
      if (now.observed.row === 'dropped') journal.notifier.announce(lossChangedLine);
    }
  });
  if (decided === undefined) throw new Error('reversibly returned without its work');
  return decided;
}
