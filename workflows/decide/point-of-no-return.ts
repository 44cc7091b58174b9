import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Journal } from '../journal/journal';
import type { Received } from '../journal/mailbox';
import { Stop } from '../journal/stop';

/** The two sides of the point of no return, and what abort means on each. */

/** All that can be undone: abort and cancel end it. Its end is the last exit before the drop. */
export async function reversibly(journal: Journal, work: () => Promise<void>): Promise<void> {
  await cancellably(journal, async () => {
    await work();
    await journal.safePoint();
  });
}

/**
 * The drop, or the first effect of a rollback. An abort meanwhile stops its attempts, and is acknowledged or refused by
 * what `happened` then says. Afterwards there is no way back but a rollback.
 */
export async function commit(
  journal: Journal,
  drop: () => Promise<unknown>,
  happened: () => Promise<boolean>,
): Promise<void> {
  try {
    await cancellably(journal, drop);
  } catch (error) {
    if (!(error instanceof Stop) || !(await happened())) throw error;
  }
  journal.facts.pastTheDrop = true;
  journal.ending = undefined;
  for (const received of journal.unanswered.splice(0))
    journal.mailbox.answer(received, false, journal.facts.kind === 'rollout' ? tooLate : tooLateForRollback);
  journal.changed();
}

/** Acknowledged only when everything was put back. */
export function abort(journal: Journal, reason: string, received: Received): void {
  journal.unanswered.push(received);
  journal.ending ??= new Stop('aborted', reason);
  journal.cancelReversible?.();
}

async function cancellably(journal: Journal, work: () => Promise<unknown>): Promise<void> {
  const scope = new CancellationScope();
  journal.cancelReversible = () => scope.cancel();
  try {
    await scope.run(async () => {
      await work();
      // An activity that finished in spite of a cancellation returns normally.
      if (CancellationScope.current().consideredCancelled) throw journal.ending ?? new Stop('aborted', cancelled);
    });
  } catch (error) {
    if (isCancellation(error)) throw journal.ending ?? new Stop('aborted', cancelled);
    throw error;
  } finally {
    journal.cancelReversible = undefined;
  }
}

const cancelled = 'cancelled in Temporal';
const tooLateForRollback =
  'refused: what was dropped was back before the abort took effect; the rollback runs to its end';
const tooLate = 'refused: the point of no return was passed before the abort took effect; send rollback instead';
