import { sleep } from '@temporalio/workflow';
import { control } from '../journal/activities';
import type { Journal } from '../journal/journal';
import { failureLine, failureType } from '../journal/stop';

/** Waits a minute for a rollout that gives it up. */
export async function takeTarget(journal: Journal): Promise<void> {
  const { run } = journal.facts;
  await journal.step({ name: 'takeTarget' }, async () => {
    for (let tries = 1; ; tries += 1) {
      try {
        await control.acquireTarget({ run });
        return;
      } catch (error) {
        if (failureType(error) !== 'TargetBusy' || tries >= 30) throw error;
        await sleep('2 s', { summary: `the target is taken: ${failureLine(error)}`.slice(0, 190) });
      }
    }
  });
}
