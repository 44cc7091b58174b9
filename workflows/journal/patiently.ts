import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { ActivityFailure } from '@temporalio/common';
import { roleOf, workerFor } from './activities';
import type { Journal } from './journal';
import { noWorkerCame, workerWasLost } from './stop';
import { waitingForWorker } from './waiting';

/** Waits for a worker as long as it takes, and says so; goes on after one that was lost. Other failures are thrown. */
export async function patiently<T>(journal: Journal, name: string, perform: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await perform();
    } catch (error) {
      if (isCancellation(error) && CancellationScope.current().consideredCancelled) throw journal.ending ?? error;
      if (!noWorkerCame(error) && !workerWasLost(error)) throw error;
      if (noWorkerCame(error)) await untilWorkerComes(journal, name, error);
      await journal.safePoint();
    }
  }
}

/** One task waits, instead of the step's being scheduled every minute: days of waiting cost no history. */
async function untilWorkerComes(journal: Journal, name: string, failed: ActivityFailure): Promise<void> {
  const before = journal.facts.waiting;
  journal.waitFor(waitingForWorker(name, roleOf(failed), journal.facts));
  const scope = new CancellationScope();
  try {
    await scope.run(() => Promise.race([workerFor(failed), condition(() => journal.interrupted)]));
  } catch (error) {
    if (!isCancellation(error)) throw error;
    if (CancellationScope.current().consideredCancelled) throw journal.ending ?? error;
  } finally {
    scope.cancel();
    journal.waitFor(before);
  }
}
