import { ActivityFailure } from '@temporalio/common';
import type { RollbackOrder } from '../../contract/run/inputs';
import type { Loaded } from '../../contract/activities/loaded';
import { rollbackNotLoaded } from '../../report/run/endings';
import { control, environment } from '../journal/activities';
import { asInvalidInput } from '../journal/invalid-input';
import type { Journal } from '../journal/journal';
import { failureLine, failureType, Stop } from '../journal/stop';

/** What was ordered, and what is known of it before it is looked at. */
export interface Ordered {
  order: RollbackOrder;
  loaded: Loaded;
  /** The rollout's workflow, if Temporal still runs it. */
  rollout: string | undefined;
}

/** The rollout, its plan as it was rolled out, and the settings; or why it ends before. @throws ApplicationFailure `InvalidInput` */
export async function load(journal: Journal, order: RollbackOrder): Promise<Ordered | Stop> {
  const { workflowId } = journal.facts.run;
  const { runId } = journal.facts;
  try {
    const { rollout, inFolders, ...rest } = await journal.patiently('find the rollout', () =>
      control.loadRollback({ order, workflowId, runId }),
    );
    journal.facts.run.target = rest.target;
    const { planDigest } = inFolders ?? {};
    const look = {
      target: rest.target,
      ...(order.rollout && { rollout: order.rollout }),
      ...(planDigest && { planDigest }),
    };
    const found = await journal.patiently('assess', () => environment('production').assessRollback(look));
    const plan = found.plan ?? inFolders?.plan;
    if (plan === undefined) throw new Error('a case without its plan');
    const loaded = { ...rest, plan, planDigest: found.rollout.planDigest };
    journal.remember(loaded);
    return { order, loaded, rollout: rollout?.open === true ? rollout.workflowId : undefined };
  } catch (error) {
    if (error instanceof Stop) return error;
    if (!(error instanceof ActivityFailure) || failureType(error) === 'InvalidInput') throw asInvalidInput(error);
    return new Stop('stopped', rollbackNotLoaded(failureLine(error)));
  }
}
