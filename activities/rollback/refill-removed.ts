import type { PerformOfPlan } from '../statements/of-known-plan';
import { requireAllowed, requireDropped, requireOwnDigest } from '../decisions/rollback-decisions';
import type { RestoreDeps } from '../decisions/rollback-decisions';
import { withSession } from '../environment/database';
import { withHeartbeat } from '../environment/heartbeat';
import { throttleOf, unthrottled } from '../schema-change/throttle';
import { requireDroppedRecord } from '../catalogue/dropped-record';
import { readRow } from '../state/observe-state';
import { requireRightServer } from '../state/point-of-no-return';
import { rollbackVerbsOf } from './kinds/kinds';

/**
 * Gives every row with a hash its key from the final copy and the backup, or a placeholder that is nobody's key. Guards against rows
 * that a release which reads the key would show to everybody.
 *
 * Safe to run again, and has to be: rows that were written meanwhile are filled too, filled ones are left alone. A later
 * run is quick enough for a maintenance: it restores the backup only if it holds a key that is needed.
 */
export function createRefillRemoved(deps: RestoreDeps): PerformOfPlan<'refillRemoved'> {
  return (input) =>
    withHeartbeat(async (signal) => {
      const startedAt = performance.now();
      const environment = deps.environment(input.run.target);
      requireOwnDigest(input);
      const receipt = await withSession({ environment, signal }, 'fill', async (session) => {
        const { client } = session;
        await requireRightServer(session);
        await requireDropped(client, input);
        await requireAllowed(session, deps, input);
        await client.query('set statement_timeout = 0'); // a walk is long; the signal is its limit
        // What a retry of the last step finds: all is done, and the map of new keys is gone.
        if (input.newKeys !== undefined && (await readRow(client, input.rollout))?.state === 'rolled-back')
          return { filled: 0, placeholders: 0, renewed: 0 };
        const throttle = input.inMaintenance === true ? unthrottled : throttleOf(session);
        const { captured } = await requireDroppedRecord(client, { ...input.rollout, planDigest: input.planDigest });
        const { verbs, dropped } = rollbackVerbsOf(input.plan, captured);
        return verbs.refill({ ...session, throttle }, input, dropped);
      });
      return { ...receipt, tookMs: Math.round(performance.now() - startedAt) };
    });
}
