import { withRedis } from '../../adapters/redis/redis';
import { RedisFailure } from '../../adapters/redis/failure';
import { finding, type Finding } from '../../contract/run/findings';
import { counted } from '../../contract/text/plain-text';
import { serverFindings } from '../cache/check-cache';
import type { Environment } from '../environment/environment';

/** Whether it is one that may be looked into and flushed. Guards against a replica, or a part of a cluster. Reads only. */
export async function tryRedis({ redisUrl }: Pick<Environment, 'redisUrl'>): Promise<Finding[]> {
  if (redisUrl === undefined) return [notCovered];
  const expected = 'an answer';
  try {
    const identity = await withRedis({ url: redisUrl, connectTimeoutMs: 4_000, commandTimeoutMs: 4_000 }, (redis) =>
      redis.identity(),
    );
    const { place, database, keyCount } = identity;
    const found = `${place}, database ${database}, ${counted(keyCount, 'key')}`;
    return [finding('connection', true, { expected, found, remedy: '' }), ...serverFindings(identity)];
  } catch (error) {
    if (!(error instanceof RedisFailure)) throw error;
    const isUnknown = error.reason === 'unreachable' || error.reason === 'timeout';
    const remedy = 'correct the URL (host, port, user, password), or let this machine in';
    return [finding('connection', isUnknown ? 'unknown' : false, { expected, found: error.message, remedy })];
  }
}

const notCovered: Finding = {
  check: 'connection',
  status: 'not covered',
  expected: 'a Redis',
  found: 'none in the settings',
  remedy: 'name it if the application caches what plans remove',
};
