import { withRedis, type RedisServer } from '../../adapters/redis/redis';
import { RedisFailure } from '../../adapters/redis/failure';
import type { Finding } from '../../contract/run/findings';
import type { Plan } from '../../contract/plan/plan';
import type { Environment } from '../environment/environment';

/** Findings about the cache, or the one reason why there are none: no section, no Redis, no answer. */
export async function lookIntoRedis(
  { redisUrl, name }: Environment,
  cache: Plan['cache'],
  look: (redis: RedisServer, cache: NonNullable<Plan['cache']>) => Promise<Finding[]>,
): Promise<Finding[]> {
  const check = 'cache';
  const expected = 'a Redis to look into';
  if (cache === undefined || redisUrl === undefined) {
    const found = cache === undefined ? 'a plan without section "cache"' : `settings without "redis" for ${name}`;
    const remedy = 'add the section if the application caches what the plan removes';
    return [{ check, status: 'not covered', expected, found, remedy }];
  }
  try {
    return await withRedis({ url: redisUrl }, (redis) => look(redis, cache));
  } catch (error) {
    if (!(error instanceof RedisFailure)) throw error;
    const remedy = 'make Redis reachable for this worker, or correct the settings';
    return [{ check, status: 'unknown', expected, found: error.message, remedy }];
  }
}
