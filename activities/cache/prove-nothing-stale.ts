import { finding, type Finding } from '../../contract/run/findings';
import type { FieldCount } from '../../adapters/redis/values';
import { hiddenColumn } from '../../sql/hidden-name';
import { prefixOf, residualFinding } from './check-cache';
import type { FindEnvironment } from '../environment/environment';
import { withHeartbeat } from '../environment/heartbeat';
import { lookIntoRedis } from './look-into-redis';
import type { PerformOfPlan } from '../statements/of-known-plan';

/**
 * Looks into the values of the cache after the release has changed. Guards against an entry of the old release, which the
 * new one would show to anybody. Only reads; values stay in Redis's adapter.
 */
export function createProveNothingStale({
  environment,
}: {
  environment: FindEnvironment;
}): PerformOfPlan<'proveNothingStale'> {
  return ({ target, cache: section }) =>
    withHeartbeat((signal) =>
      lookIntoRedis(environment(target), section, async (redis, { flush, neverContains, residual }) => {
        const count = await redis.findField({ patterns: flush, field: neverContains, signal });
        const hidden = await redis.findField({ patterns: flush, field: hiddenColumn(neverContains), signal });
        const { counts } = await redis.census({ prefixes: residual.map(prefixOf), signal });
        const names = residual.reduce((sum, pattern) => sum + (counts[prefixOf(pattern)] ?? 0), 0);
        return [
          staleFinding(count, neverContains),
          ...(hidden.present + hidden.presentButNull > 0 ? [staleFinding(hidden, hiddenColumn(neverContains))] : []),
          ...(residual.length === 0 ? [] : [residualFinding(names, residual)]),
        ];
      }),
    );
}

/**
 * A field that is null was written by the old release too. Of very many values a sample is read: an old release that
 * still writes leaves far more than one entry.
 */
function staleFinding(count: FieldCount, field: string): Finding {
  const { matching, inspected, unreadable } = count;
  const stale = count.present + count.presentButNull;
  const of = matching > inspected ? `${inspected} values, a sample of ${matching}` : `${inspected} values`;
  return finding('cache entries of the old release', stale > 0 ? false : unreadable === 0 ? true : 'unknown', {
    expected: `no value with field "${field}"`,
    found: `${stale} of ${of}${unreadable === 0 ? '' : ', and not all could be read'}`,
    remedy: stale > 0 ? 'find out who still runs the old release, then answer "retry"' : 'answer "retry"',
    evidence: count,
  });
}
