import { getExternalWorkflowHandle } from '@temporalio/workflow';
import type { Granted } from '../../contract/run/decisions';
import type { Journal } from '../journal/journal';
import { yieldTo as yieldSignal } from '../decide/listen';
import { failureLine } from '../journal/stop';

/** How a rollback takes over a rollout that still runs. One that has ended meanwhile needs no asking. */

/** Asks it to stop at its next safe point; it does so outside maintenance. */
export const hold = (journal: Journal, rollout: string): Promise<void> =>
  tell(journal, rollout, (handle) =>
    handle.signal('hold', { reason: `the rollback ${journal.facts.run.workflowId} decides` }),
  );

/** Nothing was dropped yet: the rollout puts back what it did, and ends. */
export const askToAbort = (journal: Journal, rollout: string): Promise<void> =>
  tell(journal, rollout, (handle) =>
    handle.signal('abort', { reason: `the rollback ${journal.facts.run.workflowId} was ordered` }),
  );

/** Approved: it ends as rolled back, and frees the target. */
export const yieldTo = (journal: Journal, rollout: string, decision: Granted): Promise<void> =>
  tell(journal, rollout, (handle) => handle.signal(yieldSignal, { to: journal.facts.run.workflowId, decision }));

async function tell(
  journal: Journal,
  rollout: string,
  message: (handle: ReturnType<typeof getExternalWorkflowHandle>) => Promise<void>,
): Promise<void> {
  try {
    await message(getExternalWorkflowHandle(rollout));
  } catch (error) {
    journal.facts.warnings.push(`${rollout} could not be told (it may have ended): ${failureLine(error)}`);
  }
}
