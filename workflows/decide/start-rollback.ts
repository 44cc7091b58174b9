import { rollbackOrderedLine } from '../../report/run/announcements';
import type { Journal } from '../journal/journal';
import type { Received } from '../journal/mailbox';
import { control } from '../journal/activities';
import { failureLine } from '../journal/stop';

/**
 * Orders the rollback workflow and holds until it decides: approved, it takes the target over; rejected, this run stays
 * held. Starting it twice starts it once, since its id follows from the rollout's.
 */
export async function startRollback(journal: Journal, reason: string, received?: Received): Promise<void> {
  const { run, order } = journal.facts;
  const workflowId = `${run.workflowId}/rollback`;
  try {
    await control.startRollback({
      order: { rollout: run.workflowId, requestedBy: order.requestedBy, reason },
      workflowId,
    });
    journal.facts.held ??= { since: new Date().toISOString(), reason: `the rollback ${workflowId} decides` };
    const line = rollbackOrderedLine(reason, workflowId);
    journal.tell('rollback.ordered', line, { rollback: workflowId, reason });
    if (received !== undefined)
      journal.mailbox.answer(received, true, `${workflowId} started; it asks for its own approval`);
  } catch (error) {
    const because = `expected to start ${workflowId}, found: ${failureLine(error)}; start workflow type "rollback" by hand`;
    journal.facts.warnings.push(because);
    if (received !== undefined) journal.mailbox.answer(received, false, because);
  }
}
