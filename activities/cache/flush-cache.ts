import { withRedis } from '../../adapters/redis/redis';
import { RedisFailure } from '../../adapters/redis/failure';
import { permanent } from '../../contract/run/failures';
import type { FlushReceipt } from '../../contract/run/receipts';
import { allowEffect } from '../decisions/allow-effect';
import type { RolloutDeps } from '../decisions/rollout-decisions';
import { heartbeat, withHeartbeat } from '../environment/heartbeat';
import type { PerformOfPlan } from '../statements/of-known-plan';

/**
 * Removes the cache entries that the plan names. Guards against entries of the old release that the new one would show to
 * anybody, and against a flush that takes the primary data of the same Redis along. Safe to run twice and to stop anywhere.
 *
 * Every entry that was there at the start is gone at the end. A release that serves writes new ones meanwhile: whether
 * those are of the right kind is told by `proveNothingStale`.
 *
 * @throws `NotDecided` in production without decisions; `RefusedByServer` if this Redis is no master, its cluster is not whole, or it says no
 */
export function createFlushCache(deps: RolloutDeps): PerformOfPlan<'flushCache'> {
  return (order) =>
    withHeartbeat(async (signal) => {
      const environment = deps.environment(order.run.target);
      const { redisUrl, name } = environment;
      const { cache } = order.plan;
      if (cache === undefined || redisUrl === undefined) return nothing;
      await allowEffect(environment, deps, order);
      const startedAt = performance.now();
      const { flush: patterns, keysPerSecond } = cache;
      const options = { patterns, keysPerSecond, signal, onProgress: (): void => heartbeat() };
      const { removed, left, otherKeysBefore, otherKeysAfter } = await withRedis({ url: redisUrl }, (redis) =>
        redis.flush(options),
      ).catch((error: unknown) => refuse(error, name));
      return { removed, left, otherKeysBefore, otherKeysAfter, tookMs: Math.round(performance.now() - startedAt) };
    });
}

const nothing: FlushReceipt = { removed: 0, left: 0, otherKeysBefore: 0, otherKeysAfter: 0, tookMs: 0 };

/** What may pass by itself is thrown on as it is. */
function refuse(error: unknown, environment: string): never {
  if (!(error instanceof RedisFailure) || error.reason === 'unreachable' || error.reason === 'timeout') throw error;
  throw permanent('RefusedByServer', `flush of ${environment}: ${error.message}; then answer "retry"`);
}
