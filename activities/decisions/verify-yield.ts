import type { GateActivities } from '../../contract/activities/gate-activities';
import { permanent } from '../../contract/run/failures';
import { withDatabase } from '../environment/database';
import type { FindEnvironment } from '../environment/environment';
import { readRow } from '../state/observe-state';
import { knownPlan } from '../statements/known-plan';
import { requireToBeTakenBack } from './rollback-decisions';
import type { Electorate } from './voters';

/**
 * Whether a run that has dropped may end for the rollback which asks it to: what that one was approved for stands. Guards against
 * whoever sends the signal by hand: the run would end as taken back, with nothing taken back and nobody watching. Changes nothing.
 *
 * @throws `WrongState` where this run has dropped nothing; `NotDecided`
 */
export function createVerifyYield(deps: Electorate & { environment: FindEnvironment }): GateActivities['verifyYield'] {
  return async ({ run, decision }) => {
    const environment = deps.environment(run.target);
    await withDatabase(environment, 'yield', async (client) => {
      const row = await readRow(client, run);
      if (row?.state !== 'dropped')
        throw permanent(
          'WrongState',
          `expected ${run.workflowId} to have dropped, found "${row?.state ?? 'no row'}"; it goes on; send "abort" instead`,
        );
      const { planDigest } = row;
      const plan = await knownPlan(environment, { planDigest });
      await requireToBeTakenBack({ client, environment }, deps, { target: run.target, plan, planDigest, decision });
    });
  };
}
