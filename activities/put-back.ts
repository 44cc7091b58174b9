import type { EnvironmentActivities } from '../contract/steps';
import { turnAborted } from '../sql/state';
import { withDatabase } from './database';
import type { FindEnvironment } from './environment';
import { withHeartbeat } from './heartbeat';
import { dataState, readRow } from './look-at-world';
import { servingRelease } from './look-at-world';

/**
 * Makes sure that nothing more can happen in production after an end before the drop: the state row turns from `open` to
 * `aborted`, so no drop of this run is possible any more, not even after a reset. Decided from the state of the world;
 * a second run finds it done.
 */
export function createPutBack({
  environment: find,
}: {
  environment: FindEnvironment;
}): EnvironmentActivities['putBack'] {
  return ({ run, plan }) =>
    withHeartbeat(async () => {
      const environment = find(run.target);
      const did = await withDatabase(environment, 'put back', async (client) => {
        const { rowCount } = await client.query(turnAborted, [run.workflowId, run.firstRun]);
        const row = await readRow(client, run);
        const data = await dataState(client, plan);
        return [
          rowCount === 1 ? 'no drop of this run is possible any more' : `state row "${row?.state ?? 'none'}"`,
          `data of ${environment.name} ${data}`,
        ];
      });
      const release = await servingRelease(environment);
      const stays = release === plan.release.to;
      return stays ? [...did, `release ${release} stays: going back from it is a rollback`] : did;
    });
}
