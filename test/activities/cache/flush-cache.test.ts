import { Redis } from 'ioredis';
import { createProveNothingStale } from '../../../activities/cache/prove-nothing-stale';
import { createFlushCache } from '../../../activities/cache/flush-cache';
import type { Environment } from '../../../activities/environment/environment';
import { withRedis } from '../../../adapters/redis/redis';
import { describeSample } from '../../../dev/sample-data/sample-data';
import { seedPrimaryData } from '../../../dev/sample-data/redis-seed';
import { firstPlan, orderOf } from '../../support/stages/sample-environment';
import { asActivity } from '../../support/looks/as-activity';
import { startRedis, type RedisServer } from '../../support/servers/servers';
import { until } from '../../support/looks/until';

const cache = { flush: ['assistant:*', 'session:*'], neverContains: 'owner_api_key', residual: [] };
const { plan } = firstPlan();
let server: RedisServer;

beforeAll(async () => {
  server = await startRedis();
  await seedPrimaryData(server.url, describeSample({ owners: 5 }));
});
afterAll(() => server.stop());

const environmentOf = (redisUrl?: string) => () => ({ name: 'staging', redisUrl }) as Environment;
const flush = (redisUrl?: string, keysPerSecond?: number) =>
  createFlushCache({ environment: environmentOf(redisUrl) })({
    ...orderOf({ ...plan, cache: { ...cache, ...(keysPerSecond !== undefined && { keysPerSecond }) } }),
  });
const prove = async () => {
  const findings = await createProveNothingStale({ environment: environmentOf(server.url) })({
    target: 'agent-api',
    cache,
  });
  return findings[0];
};
const digestOthers = () => withRedis({ url: server.url }, (redis) => redis.digestOthers({ exclude: cache.flush }));

test('a flush removes what the plan names and leaves everything else, bit for bit; a second one changes nothing', async () => {
  const redis = new Redis(server.url);
  await redis.mset('session:1', '{}', 'session:2', '{}', 'assistant:1', '{}', 'session', 'no prefix');
  await redis.sadd('session:owner:abc', '1');
  const before = await digestOthers();

  const receipt = await flush(server.url);
  expect(receipt).toMatchObject({ removed: 4, otherKeysBefore: before.keys, otherKeysAfter: before.keys });
  expect(await redis.exists('session:1', 'session:owner:abc', 'assistant:1')).toBe(0);
  expect(await digestOthers()).toEqual(before);

  expect(await flush(server.url)).toMatchObject({ removed: 0, otherKeysAfter: before.keys });
  expect(await digestOthers()).toEqual(before);
  redis.disconnect();
});

describe('while a release refills 50 entries a second', () => {
  const stale = JSON.stringify({ id: 1, owner_api_key: 'planted' });
  const fresh = JSON.stringify({ id: 1, owner_api_key_hash: 'planted' });
  let redis: Redis;
  beforeAll(() => (redis = new Redis(server.url)));
  afterAll(() => redis.disconnect());

  /** Writes entries by the names that were there, since the same sessions are asked for again. */
  function startRefilling(value: string) {
    const startedAt = performance.now();
    const names: string[] = [];
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - startedAt) / 1_000) * 50);
      for (let n = names.length; n < due; n += 1) {
        names.push(`session:${(n * 397) % 20_000}`);
        void redis.set(names[n]!, value);
      }
    }, 5);
    return { names, stop: () => clearInterval(timer) };
  }
  async function fillStale() {
    const names = Array.from({ length: 20_000 }, (_, n) => `session:${n}`);
    await redis.mset(...names.flatMap((name) => [name, stale]));
  }

  test('all that was there before is gone, what was written meanwhile is of the right kind, the rest is as it was', async () => {
    const before = await digestOthers();
    await fillStale();
    const refilling = startRefilling(fresh);
    try {
      const receipt = await flush(server.url, 20_000); // takes a second
      expect(refilling.names.length).toBeGreaterThan(40);
      expect(receipt.removed).toBeGreaterThanOrEqual(20_000);
      expect(receipt).toMatchObject({ otherKeysBefore: before.keys, otherKeysAfter: before.keys });
      expect(await prove()).toMatchObject({ status: 'passed', found: expect.stringMatching(/^0 of \d+ values$/) });
    } finally {
      refilling.stop();
    }
    const left = await redis.keys('session:*');
    expect(left.filter((name) => !refilling.names.includes(name))).toEqual([]);
    expect(await digestOthers()).toEqual(before);
    await flush(server.url);
  });

  test('an old release is found by what it writes', async () => {
    await fillStale();
    const refilling = startRefilling(stale);
    try {
      await flush(server.url);
      const written = refilling.names.length;
      await until(() => refilling.names.length > written);
      expect(await prove()).toMatchObject({ status: 'failed', remedy: expect.stringContaining('old release') });
    } finally {
      refilling.stop();
    }
    await flush(server.url);
  });
});

test('a flush that was stopped half-way is finished by the next one', async () => {
  const redis = new Redis(server.url);
  for (let part = 0; part < 10; part += 1) {
    const names = Array.from({ length: 2_000 }, (_, n) => `session:${part}-${n}`);
    await redis.mset(...names.flatMap((name) => [name, '{}']));
  }
  const before = await digestOthers();
  const stop = new AbortController();
  const work = asActivity(() => flush(server.url), { signal: stop.signal });
  await until(async () => (await redis.dbsize()) < before.keys + 20_000);
  stop.abort(new Error('the worker stops'));
  const { error } = await work;
  const left = (await redis.dbsize()) - before.keys;
  if (error !== undefined) expect(error.message).toBe('the worker stops');

  expect((await flush(server.url)).removed).toBe(left);
  expect(await redis.dbsize()).toBe(before.keys);
  expect(await digestOthers()).toEqual(before);
  redis.disconnect();
});

test('without a Redis nothing happens', async () => {
  expect(await flush()).toEqual({ removed: 0, left: 0, otherKeysBefore: 0, otherKeysAfter: 0, tookMs: 0 });
});

test('a replica is refused for good', async () => {
  const replica = await startRedis({
    settings: { replicaof: `${server.host} ${server.port}`, masterauth: server.password },
  });
  try {
    await expect(flush(replica.url)).rejects.toMatchObject({
      type: 'RefusedByServer',
      nonRetryable: true,
      message: expect.stringMatching(/flush of staging: .*expected a master, found role "slave"/),
    });
  } finally {
    await replica.stop();
  }
});

test('a Redis that is down may come back: thrown as it is, without its password', async () => {
  await expect(flush('redis://:planted-password@127.0.0.1:1/0')).rejects.toMatchObject({
    name: 'RedisFailure',
    reason: 'unreachable',
    message: expect.not.stringContaining('planted-password'),
  });
});
