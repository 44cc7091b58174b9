import type { PerformOfPlan } from '../statements/of-known-plan';
import { requireApprovedPlan, type RolloutDeps } from '../decisions/rollout-decisions';
import { withHeartbeat } from '../environment/heartbeat';
import { effectsOf } from './kinds/kinds';

/**
 * Renames columns or tables, or moves rows away, so that whoever still needs them notices while they can be had back.
 * Guards against a drop that somebody misses afterwards. Only with the freeze on, and with its copy whole.
 *
 * Safe to run again: what is hidden already, under the same freeze, stays so. The tables are locked before
 * anything is looked at, so an attempt that was believed dead can't hide what was put back meanwhile.
 *
 * @throws `WrongState` without the freeze, `BackupNotProven` for its copy, `NotDecided`, `LockNotAcquired`
 */
export function createHide(deps: RolloutDeps): PerformOfPlan<'hide'> {
  return (order) =>
    withHeartbeat(async (signal) => {
      requireApprovedPlan(order);
      return effectsOf(order.plan).hide({ deps, environment: deps.environment(order.run.target), signal }, order);
    });
}
