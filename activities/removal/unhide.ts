import type { PerformOfPlan } from '../statements/of-known-plan';
import type { FindEnvironment } from '../environment/environment';
import { withHeartbeat } from '../environment/heartbeat';
import { effectsOf } from './kinds/kinds';

/**
 * Gives columns or tables their names back, or moves rows back in batches, and ends the freeze in one short transaction.
 * Needs no decision: it is the safe direction. Guards against users who wait for somebody to decide. Sessions of our own
 * that read are ended first.
 *
 * Safe to run again, and whatever is there: what has its name stays as it is, and what another rollout has hidden, too.
 *
 * @throws `LockNotAcquired`
 */
export function createUnhide({ environment: find }: { environment: FindEnvironment }): PerformOfPlan<'unhide'> {
  return ({ run, plan }) =>
    withHeartbeat((signal) => effectsOf(plan).unhide({ environment: find(run.target), signal }, { run, plan }));
}
