import type { PerformOfPlan } from '../statements/of-known-plan';
import { failPoint } from '../../adapters/programs/fail-point';
import { turnAborted } from '../../sql/state';
import { removeUnfinishedCopies } from '../backup/copy-folder';
import { withDatabase } from '../environment/database';
import { dropAgain } from './drop-again';
import type { FindEnvironment } from '../environment/environment';
import { servingRelease } from '../actions/serving';
import { withHeartbeat } from '../environment/heartbeat';
import { dataState, readRow } from '../state/observe-state';
import { effectsOf } from './kinds/kinds';
import { acquireWithRetry, ddlOrder } from '../schema-change/acquire-with-retry';

/**
 * Leaves an environment as it was before the freeze, after an end before the drop. First the state row turns from `open`
 * to `aborted`, so that no drop of this run is possible any more, not even after a reset; then the columns get their
 * names back, and a final copy that was not finished goes. Decided from the state of the world; a second run finds it
 * done.
 */
export function createUndoRemoval({
  environment: find,
}: {
  environment: FindEnvironment;
}): PerformOfPlan<'undoRemoval'> {
  return ({ run, plan, hidBegun = false }) =>
    withHeartbeat(async (signal) => {
      const environment = find(run.target);
      const row = await acquireWithRetry(ddlOrder(plan, { what: 'the abort', signal }), () =>
        withDatabase(environment, 'undo', async (client) => {
          await failPoint('put back: before');
          const { rowCount } = await client.query(turnAborted, [run.workflowId, run.firstRun]);
          return { turned: rowCount === 1, state: (await readRow(client, run))?.state ?? ('none' as const) };
        }),
      );
      await failPoint('put back: state row turned');
      const { isOursToOpen, unhide } = effectsOf(plan);
      const undone = isOursToOpen(row.state, hidBegun) ? await unhide({ environment, signal }, { run, plan }) : [];
      undone.push(...(await dropAgain({ environment, signal }, plan, row.state)));
      await removeUnfinishedCopies(environment, run);
      await failPoint('put back: after');
      const data = await withDatabase(environment, 'look', (client) => dataState({ client, environment }, plan));
      const release = await servingRelease(environment, plan.release);
      return [
        row.turned ? 'no drop of this run is possible any more' : `state row "${row.state}"`,
        ...undone,
        `data of ${environment.name} ${data}`,
        ...(release === plan.release.to ? [`release ${release} stays: going back from it is a rollback`] : []),
      ];
    });
}
