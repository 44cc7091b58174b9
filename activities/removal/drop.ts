import type { PerformOfPlan } from '../statements/of-known-plan';
import { requireApprovedPlan, type RolloutDeps } from '../decisions/rollout-decisions';
import { withHeartbeat } from '../environment/heartbeat';
import { effectsOf } from './kinds/kinds';

/**
 * Point-of-no-return check, DDL, revision and state row in one transaction. Guards against everything that can't be
 * taken back: a drop without valid decisions, twice, after an abort, on another server, without a proven backup, without
 * a final copy of all there is, of columns that nobody has tried to do without.
 *
 * Safe to run again: the state row turns from `open` to `dropped` in the transaction of the DDL, so a second run finds
 * it and changes nothing; a backend that a dead worker left behind is ended before anything is done. Only the lock is
 * tried for in here, with a short `lock_timeout` each, since everybody else waits behind a waiting ALTER.
 *
 * Where the plan leaves the drop to the platform, the same transaction gives the columns back their names and turns the
 * state row, and its tool follows at once: from then on nothing but a rollback leads back, and a retry runs the tool again
 * until the catalogue is as wanted.
 */
export function createDrop(deps: RolloutDeps): PerformOfPlan<'drop'> {
  return (order) =>
    withHeartbeat(async (signal) => {
      const environment = deps.environment(order.run.target);
      requireApprovedPlan(order);
      return effectsOf(order.plan).drop({ deps, environment, signal }, order);
    });
}
