import { firstPlan, orderOf } from '../../support/stages/sample-environment';
import { Redis } from 'ioredis';
import { createCheckCache } from '../../../activities/cache/check-cache';
import type { Environment } from '../../../activities/environment/environment';
import { createFlushCache } from '../../../activities/cache/flush-cache';
import { createProveNothingStale } from '../../../activities/cache/prove-nothing-stale';
import { withRedis, type RedisServer } from '../../../adapters/redis/redis';
import type { RedisFailure } from '../../../adapters/redis/failure';
import { startRedisCluster, type RedisCluster } from '../../support/servers/redis-cluster';

let cluster: RedisCluster;
beforeAll(async () => (cluster = await startRedisCluster()));
afterAll(() => cluster.stop());

const at = <T>(url: string, work: (redis: RedisServer) => Promise<T>) => withRedis({ url }, work);
const on = <T>(work: (redis: RedisServer) => Promise<T>) => at(cluster.masters[0]!.server.url, work);
const patterns = ['session:*', 'assistant:*'];
const failureOf = (work: (redis: RedisServer) => Promise<unknown>): Promise<RedisFailure> =>
  on(work).then(
    () => Promise.reject(new Error('expected a failure')),
    (error: unknown) => error as RedisFailure,
  );

/** By a client that knows clusters. */
async function fill(counts: Record<string, number>): Promise<void> {
  const { host, port, password } = cluster.masters[1]!.server;
  const client = new Redis.Cluster([{ host, port }], { redisOptions: { password, disconnectTimeout: 100 } });
  const names = Object.entries(counts).flatMap(([prefix, count]) =>
    Array.from({ length: count }, (_, index) => `${prefix}${index}`),
  );
  await Promise.all(names.map((name) => client.set(name, JSON.stringify({ owner_api_key: 'planted' }))));
  client.disconnect();
}
const sizes = () => Promise.all(cluster.masters.map(({ client }) => client.dbsize()));
beforeEach(() => Promise.all(cluster.masters.map(({ client }) => client.flushall())));

test('a flush reaches every master, leaves the rest bit for bit, and changes nothing when it runs again', async () => {
  await fill({ 'session:': 2_000, 'assistant:': 500, 'project:': 1_000 });
  expect((await sizes()).every((size) => size > 0)).toBe(true);
  const before = await on((redis) => redis.digestOthers({ exclude: patterns }));
  expect(before.keys).toBe(1_000);
  const others = { otherKeysBefore: 1_000, otherKeysAfter: 1_000 };
  expect(await on((redis) => redis.flush({ patterns }))).toEqual({ removed: 2_500, passes: 2, left: 0, ...others });
  expect(await on((redis) => redis.flush({ patterns }))).toEqual({ removed: 0, passes: 1, left: 0, ...others });
  expect(await on((redis) => redis.digestOthers({ exclude: patterns }))).toEqual(before);
});

test('the settings may name any node, a replica too', async () => {
  await fill({ 'session:': 300, 'project:': 30 });
  const outcome = await at(cluster.replica.server.url, (redis) => redis.flush({ patterns }));
  expect(outcome).toMatchObject({ removed: 300, otherKeysAfter: 30 });
});

test('census, identity and the look into values are of all masters', async () => {
  await fill({ 'session:': 300, 'project:': 30 });
  expect(await on((redis) => redis.census())).toMatchObject({
    totalKeys: 330,
    counts: { 'session:': 300, 'project:': 30 },
  });
  expect(await on((redis) => redis.identity())).toMatchObject({ mode: 'cluster', serverCount: 3, keyCount: 330 });
  const look = { patterns, field: 'owner_api_key' };
  expect(await on((redis) => redis.findField(look))).toMatchObject({ matching: 300, inspected: 300, present: 300 });
  const sampled = await on((redis) => redis.findField({ ...look, limit: 30 }));
  expect(sampled).toMatchObject({ matching: 300, inspected: 30, present: 30 }); // ten of each master
});

/** One that no key of these tests is in. */
const slot = 0;

describe('the steps of a rollout', () => {
  const input = { target: 'agent-api', cache: { flush: patterns, neverContains: 'owner_api_key', residual: [] } };
  const deps = () => ({
    environment: () => ({ name: 'staging', redisUrl: cluster.masters[0]!.server.url }) as Environment,
  });

  test('take a whole cluster as they take a server', async () => {
    await fill({ 'session:': 300, 'project:': 30 });
    const findings = await createCheckCache(deps())(input);
    const of = (check: string) => findings.find((finding) => finding.check === check);
    expect(of('Redis server')).toMatchObject({
      status: 'passed',
      found: expect.stringMatching(/^cluster of 3 masters, version \d/),
    });
    expect(of('Redis memory')).toMatchObject({ status: 'passed' });
    expect(of('cache entries')).toMatchObject({ found: '300 of 330 keys, 30 stay' });
    expect((await createProveNothingStale(deps())(input))[0]).toMatchObject({ found: '300 of 300 values' });
    const receipt = { removed: 300, left: 0, otherKeysBefore: 30, otherKeysAfter: 30 };
    expect(await createFlushCache(deps())(orderOf({ ...firstPlan().plan, cache: input.cache }))).toMatchObject(receipt);
    expect((await createProveNothingStale(deps())(input))[0]).toMatchObject({ status: 'passed' });
  });

  test('neither pass nor flush one that moves its keys about', async () => {
    await cluster.masters[0]!.client.cluster('SETSLOT', slot, 'MIGRATING', cluster.masters[1]!.id);
    const findings = await createCheckCache(deps())(input);
    const flushing = createFlushCache(deps())(orderOf({ ...firstPlan().plan, cache: input.cache }));
    await expect(flushing).rejects.toMatchObject({
      type: 'RefusedByServer',
      message: expect.stringMatching(/^flush of staging: .*wait until the move is complete; then answer "retry"$/),
    });
    await cluster.masters[0]!.client.cluster('SETSLOT', slot, 'STABLE');
    expect(findings).toMatchObject([{ check: 'cache', status: 'unknown' }]);
  });
});

test('while a slot moves, nothing is done: its keys could be missed on both sides', async () => {
  const [first, second] = [cluster.masters[0]!, cluster.masters[1]!];
  await fill({ 'session:': 30 });
  await first.client.cluster('SETSLOT', slot, 'MIGRATING', second.id);
  const failure = await failureOf((redis) => redis.flush({ patterns }));
  await first.client.cluster('SETSLOT', slot, 'STABLE');
  expect(failure.reason).toBe('cluster');
  expect(failure.message).toContain('some being moved; wait until the move is complete');
  expect((await sizes()).reduce((sum, size) => sum + size)).toBe(30);
});

test('a slot that has changed its master during a flush makes it fail', async () => {
  await fill({ 'session:': 30 });
  const moveTo = (id: string) =>
    Promise.all(cluster.masters.map(({ client }) => client.cluster('SETSLOT', slot, 'NODE', id)));
  let moved: Promise<unknown> | undefined;
  const failure = await failureOf(async (redis) => {
    const outcome = await redis.flush({ patterns, onProgress: () => void (moved ??= moveTo(cluster.masters[1]!.id)) });
    return outcome;
  });
  await moved;
  await moveTo(cluster.masters[0]!.id);
  expect(failure.reason).toBe('cluster');
  expect(failure.message).toContain('expected every key on the same server from start to end');
});

test('a cluster with a hole is named', async () => {
  await cluster.masters[0]!.client.cluster('DELSLOTS', slot);
  const failure = await failureOf((redis) => redis.census());
  await cluster.masters[0]!.client.cluster('ADDSLOTS', slot);
  expect(failure.reason).toBe('cluster');
  expect(failure.message).toMatch(/expected all 16384 slots served, found 16383; fix the cluster first$/);
});

test('a master that is down is named', async () => {
  const { server } = cluster.masters[2]!;
  await server.kill();
  const failure = await failureOf((redis) => redis.flush({ patterns }));
  expect(failure.reason).toBe('unreachable');
  expect(failure.message).toContain(`ECONNREFUSED 127.0.0.1:${server.port}`);
});
