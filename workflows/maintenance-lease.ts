import { ActivityFailure } from '@temporalio/common';
import { condition, continueAsNew, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type { Run } from '../contract/run/decisions';
import type { EnvironmentName } from '../contract/run/names';
import { environment as at } from './journal/activities';
import { backOffMs } from './journal/look-until-known';
import { release } from './target-lock';

/** Who turned maintenance on, where, and the longest time that anybody may wait. */
interface Lease {
  run: Run;
  environment: EnvironmentName;
  deadlineMs: number;
}

/** Lifts maintenance when its holder has not done so in time, whatever became of it. Tries until it is off. */
export async function maintenanceLease({ run, environment, deadlineMs }: Lease): Promise<'released' | 'lifted'> {
  let released = false;
  setHandler(release, () => void (released = true), { description: 'Maintenance was lifted by its holder.' });
  if (await condition(() => released, deadlineMs, { summary: 'maintenance is lifted at this deadline' })) {
    return 'released';
  }
  for (let tries = 1; ; tries += 1) {
    try {
      await at(environment).setMaintenance({ run, on: false, deadlineMs });
      return 'lifted';
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      if (workflowInfo().continueAsNewSuggested)
        await continueAsNew<typeof maintenanceLease>({ run, environment, deadlineMs: 1 });
      await sleep(backOffMs(tries), { summary: 'maintenance could not be lifted: next try' });
    }
  }
}
