import { ActivityFailure } from '@temporalio/common';
import { CancellationScope, sleep } from '@temporalio/workflow';
import type { EnvironmentName } from '../../contract/run/names';
import type { Loaded } from '../../contract/activities/loaded';
import { hasBegun } from '../../contract/run/step-names';
import type { StepId } from '../../contract/run/step-names';
import { environment } from '../journal/activities';
import type { Journal } from '../journal/journal';
import { backOffMs } from '../journal/look-until-known';
import { failureLine, noWorkerCame } from '../journal/stop';
import { undoneLine } from '../../report/run/announcements';
import { waitingForUndo, waitingForWorker } from '../../report/run/waiting';

/** The step that takes staging's change back, and what an end has to look after. */
export const rehearsalStep: StepId = { name: 'rehearseRollback', of: 'staging' };

/** Before the drop: gives the columns their names back and ends the freeze. The run stays open. */
export async function putDataBack(journal: Journal, { planDigest }: Loaded, name: EnvironmentName): Promise<void> {
  const { run, environments } = journal.facts;
  const did = await untilDone(journal, name, () => environment(name).unhide({ run, planDigest }));
  const facts = environments[name];
  delete facts.freeze;
  delete facts.copy;
  delete facts.hide;
  if (did.length === 0) return;
  journal.tell('change.undone', undoneLine(name, did), { environment: name });
}

/** After an end before the drop: the run can drop nothing any more, and the data is as it was. Says what was done. */
export function closeEnvironment(journal: Journal, { planDigest }: Loaded, name: EnvironmentName): Promise<string[]> {
  const { run, steps } = journal.facts;
  const hidBegun = hasBegun(steps, { name: 'hide', of: name });
  return untilDone(journal, name, () => environment(name).undoRemoval({ run, planDigest, hidBegun }));
}

/** As long as it takes, whatever is held or cancelled: users wait, and an abort is not acknowledged before. */
const untilDone = (journal: Journal, name: EnvironmentName, put: () => Promise<string[]>): Promise<string[]> =>
  CancellationScope.nonCancellable(async () => {
    const before = journal.facts.waiting;
    for (let tries = 1; ; tries += 1) {
      try {
        const did = await put();
        journal.waitFor(before);
        return did;
      } catch (error) {
        if (!(error instanceof ActivityFailure)) throw error;
        const what = `${name}: undo`;
        journal.waitFor(
          noWorkerCame(error) ? waitingForWorker(what, name, journal.facts) : waitingForUndo(what, failureLine(error)),
        );
        await sleep(backOffMs(tries), { summary: `${what}: next try` });
      }
    }
  });
