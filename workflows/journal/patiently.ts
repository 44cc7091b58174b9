import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { ActivityFailure } from '@temporalio/common';
import { roleOf, workerFor } from './activities';
import type { Facts } from '../../contract/run/facts';
import type { Waiting } from '../../contract/run/waiting';
import { noWorkerCame, workerWasLost, type Stop } from './stop';
import { waitingForWorker } from '../../report/run/waiting';

/** What this needs of a run. */
export interface Pausing {
  readonly facts: Facts;
  /** Why the run ends before its end; undefined = it does not. */
  readonly ending: Stop | undefined;
  /** It is held, or ends. */
  readonly interrupted: boolean;
  /** Returns when the run is not held. @throws Stop */
  safePoint(): Promise<void>;
  /** Shows what the run waits for; undefined = nothing. */
  waitFor(waiting: Waiting | undefined): void;
}

/** Waits for a worker as long as it takes, and says so; goes on after one that was lost. Other failures are thrown. */
export async function patiently<T>(run: Pausing, name: string, perform: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await perform();
    } catch (error) {
      if (isCancellation(error) && CancellationScope.current().consideredCancelled) throw run.ending ?? error;
      if (!noWorkerCame(error) && !workerWasLost(error)) throw error;
      if (noWorkerCame(error)) await untilWorkerComes(run, name, error);
      await run.safePoint();
    }
  }
}

/** One task waits, instead of the step's being scheduled every minute: days of waiting cost no history. */
async function untilWorkerComes(run: Pausing, name: string, failed: ActivityFailure): Promise<void> {
  const before = run.facts.waiting;
  run.waitFor(waitingForWorker(name, roleOf(failed), run.facts));
  const scope = new CancellationScope();
  try {
    await scope.run(() => Promise.race([workerFor(failed), condition(() => run.interrupted)]));
  } catch (error) {
    if (!isCancellation(error)) throw error;
    if (CancellationScope.current().consideredCancelled) throw run.ending ?? error;
  } finally {
    scope.cancel();
    run.waitFor(before);
  }
}
