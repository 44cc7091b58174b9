import { Redis } from 'ioredis';
import { createFlushCache } from '../../activities/flush-cache';
import type { Environment } from '../../activities/environment';
import { withRedis } from '../../adapters/redis';
import { describeSample } from '../../dev/sample-data';
import { seedPrimaryData } from '../../dev/sample-redis-seed';
import { asActivity } from '../support/as-activity';
import { startRedis, type RedisServer } from '../support/servers';
import { until } from '../support/until';

const cache = { flush: ['assistant:*', 'session:*'], neverContains: 'owner_api_key', residual: [] };
let server: RedisServer;

beforeAll(async () => {
  server = await startRedis();
  await seedPrimaryData(server.url, describeSample({ owners: 5 }));
});
afterAll(() => server.stop());

const flush = (redisUrl?: string) =>
  createFlushCache({ environment: () => ({ name: 'staging', redisUrl }) as Environment })({
    target: 'agent-api',
    cache,
  });
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
  expect(await flush()).toEqual({ removed: 0, otherKeysBefore: 0, otherKeysAfter: 0, tookMs: 0 });
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
