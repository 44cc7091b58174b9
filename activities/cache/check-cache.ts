import type { RedisCensus } from '../../adapters/redis/census';
import type { RedisIdentity } from '../../adapters/redis/identity';
import { finding, type Finding } from '../../contract/run/findings';
import type { Plan } from '../../contract/plan/plan';
import type { FindEnvironment } from '../environment/environment';
import { withHeartbeat } from '../environment/heartbeat';
import { lookIntoRedis } from './look-into-redis';
import type { PerformOfPlan } from '../statements/of-known-plan';

/**
 * Looks whether this Redis may be flushed and what is in it. Guards against flushing a replica, or a part of a cluster
 * only, and tells how much primary data is there that must survive. Only reads.
 */
export function createCheckCache({ environment }: { environment: FindEnvironment }): PerformOfPlan<'checkCache'> {
  return ({ target, cache }) =>
    withHeartbeat((signal) =>
      lookIntoRedis(environment(target), cache, async (redis, { flush, residual }) => {
        const prefixes = [...flush, ...residual].map(prefixOf);
        return [
          ...serverFindings(await redis.identity()),
          ...censusFindings(await redis.census({ prefixes, signal }), { flush, residual }),
        ];
      }),
    );
}

/** A cluster that is not whole has said so already: then there is no identity, and all of this is unknown. */
export function serverFindings(identity: RedisIdentity): Finding[] {
  const { role, mode, version, serverCount, fullServers } = identity;
  const isCluster = mode === 'cluster';
  return [
    finding('Redis server', isCluster || (mode === 'standalone' && role === 'master'), {
      expected: 'a master, or any node of a cluster',
      found: isCluster
        ? `cluster of ${serverCount} masters, version ${version}`
        : `${role}, ${mode}, version ${version}`,
      remedy: 'name the master in the settings',
    }),
    finding('Redis memory', fullServers === 0, {
      expected: 'memory for what the application writes',
      found: fullServers === 0 ? 'room' : `${fullServers} of ${serverCount} at "maxmemory", with policy "noeviction"`,
      remedy: 'every write of the application is refused there: give it more memory, then start again',
    }),
    persistence(identity),
  ];
}

/** What is flushed stays in files for a while; nobody notices, so it is told. */
function persistence({ appendOnlyServers, savedServers, connectedReplicas, serverCount }: RedisIdentity): Finding {
  const of = (count: number): string => (count === 0 ? 'off' : `on, on ${count} of ${serverCount}`);
  return {
    check: 'Redis persistence',
    status: 'passed',
    expected: 'any',
    found: `append-only file ${of(appendOnlyServers)}; snapshots ${savedServers === 0 ? 'none since its start' : `saved on ${savedServers} of ${serverCount}`}; ${connectedReplicas} replicas`,
    remains: [
      ...(appendOnlyServers > 0
        ? ["flushed entries in Redis's append-only file, until it is rewritten (BGREWRITEAOF)"]
        : []),
      savedServers > 0
        ? 'flushed entries in snapshots (RDB) of Redis, until they are saved again (BGSAVE), and in copies of them'
        : 'flushed entries in older snapshots (RDB) of Redis, if there are any: none was saved since its start',
    ],
  };
}

type Patterns = Pick<NonNullable<Plan['cache']>, 'flush' | 'residual'>;

function censusFindings({ totalKeys, counts }: RedisCensus, { flush, residual }: Patterns): Finding[] {
  const sumOf = (patterns: readonly string[]): number =>
    patterns.reduce((sum, pattern) => sum + (counts[prefixOf(pattern)] ?? 0), 0);
  const entries = sumOf(flush);
  return [
    {
      check: 'cache entries',
      status: 'passed',
      expected: 'any number: they are removed before and after the release changes',
      found: `${entries} of ${totalKeys} keys, ${totalKeys - entries} stay`,
      evidence: Object.fromEntries(flush.map((pattern) => [pattern, counts[prefixOf(pattern)] ?? 0])),
    },
    ...(residual.length === 0 ? [] : [residualFinding(sumOf(residual), residual)]),
  ];
}

/** Primary data is nobody's to delete here, so it is told and stops nothing. */
export const residualFinding = (names: number, residual: readonly string[]): Finding => ({
  check: 'residual plaintext in key names',
  status: 'passed',
  expected: `any number of keys like ${residual.join(', ')}: primary data, reported and never deleted`,
  found: `${names} ${names === 1 ? 'key' : 'keys'} whose name may hold what the plan removes from the database`,
  ...(names > 0 && {
    remains: [`${names} names of Redis keys like ${residual.join(', ')}, and their values: primary data, left alone`],
  }),
});

/** The literal part of a plan's pattern. */
export const prefixOf = (pattern: string): string => pattern.slice(0, -1);
