import type { Loaded } from '../../contract/activities/loaded';
import type { RollbackCase } from '../../contract/run/rollback-case';
import { askedToAbort, nothingToRollBack, undoneBecause } from '../../report/run/endings';
import { waitingForAbort } from '../../report/run/waiting';
import { stateQuery } from '../evidence/state-query';
import { environment } from '../journal/activities';
import type { Journal } from '../journal/journal';
import { backOffMs, lookUntilKnown } from '../journal/look-until-known';
import { Stop } from '../journal/stop';
import { ask } from './approval';
import type { Ordered } from './load';
import { takeTarget } from './take-target';
import { askToAbort } from './takeover';

/**
 * Before the drop a rollback is an abort: nothing is lost, and nothing needs approval. What a rollout that has died left
 * hidden or frozen is put back here, after one person on call has said so.
 *
 * @throws Stop, unless it was dropped meanwhile
 */
export async function nothingDropped(
  journal: Journal,
  { loaded, rollout }: Ordered,
  found: RollbackCase,
): Promise<void> {
  const { observed } = found;
  if (rollout === undefined && (observed.data === 'hidden' || observed.freeze !== undefined)) {
    await ask(journal, loaded, found);
    await takeTarget(journal);
    const { workflowId, firstRun } = found.rollout;
    const dead = { target: loaded.target, workflowId, firstRun };
    const undoRemoval = (): Promise<string[]> =>
      environment('production').undoRemoval({ run: dead, planDigest: loaded.planDigest, hidBegun: true });
    const did = await journal.step({ name: 'undoRemoval', of: 'production' }, undoRemoval, {
      note: (lines) => lines.join('; '),
    });
    throw new Stop('rolled-back', undoneBecause(did));
  }
  const isDone = observed.row === 'rolled-back'; // by another rollback, in the meantime
  if (rollout === undefined || isDone) throw new Stop('stopped', nothingToRollBack(observed));
  await askToAbort(journal, rollout);
  if (await wasDropped(journal, loaded, found)) return;
  throw new Stop('aborted', askedToAbort(observed, rollout));
}

/** Waits until the rollout that was asked to abort has closed its state row: a drop may have been faster. */
async function wasDropped(journal: Journal, loaded: Loaded, { rollout }: RollbackCase): Promise<boolean> {
  const look = stateQuery(loaded, { target: loaded.target, ...rollout });
  for (let tries = 1; ; tries += 1) {
    const { row } = await lookUntilKnown(() => environment('production').observeState(look), 'was it aborted?');
    if (row !== 'open') {
      journal.waitFor(undefined);
      return row === 'dropped';
    }
    journal.waitFor(waitingForAbort(rollout.workflowId));
    await journal.safePoint();
    await journal.rest(backOffMs(tries), 'the rollout was asked to abort: until its state row says so');
  }
}
