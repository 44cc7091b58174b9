import { ActivityFailure } from '@temporalio/common';
import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import { readYield, type Yield } from '../../contract/run/messages';
import { yieldedTo, yieldRefused } from '../../report/run/endings';
import { gates } from '../journal/activities';
import type { Journal } from '../journal/journal';
import { failureLine, Stop } from '../journal/stop';

/** A rollback asks a rollout that has dropped to end, so that it can take the target over. */

/** More of them wait for nothing: a rollback asks once. */
const mostWaiting = 10;

/** Rests after one that does not count, so that many of them cost little. */
const restAfterRefusal = '10 s';

/** What is no such request, or one too many, changes nothing. */
export function askToGiveUp(journal: Journal, input: unknown): void {
  const asked = readYield(input);
  if (asked !== undefined && journal.yields.length < mostWaiting) journal.yields.push(asked);
}

/** One after the other: this run ends at its next safe point for the first whose approval stands. */
export const giveUpWhenApproved = (journal: Journal): Promise<void> =>
  CancellationScope.nonCancellable(async () => {
    for (;;) {
      await condition(() => journal.yields.length > 0);
      const [asked] = journal.yields.splice(0, 1);
      if (asked === undefined || (await giveUp(journal, asked))) continue;
      await sleep(restAfterRefusal, { summary: 'a request to hand over was refused' });
    }
  });

async function giveUp(journal: Journal, { to, decision }: Yield): Promise<boolean> {
  try {
    await gates.verifyYield({ run: journal.facts.run, decision });
    journal.ending ??= new Stop('rolled-back', yieldedTo(to.slice(0, 200)));
    return true;
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const line = yieldRefused(to.slice(0, 200), failureLine(error));
    if (!journal.facts.warnings.includes(line)) journal.facts.warnings.push(line);
    journal.isStale = true;
    return false;
  }
}
