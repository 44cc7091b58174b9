import { createCheckCache } from '../../../activities/cache/check-cache';
import type { Environment } from '../../../activities/environment/environment';
import { until } from '../../support/looks/until';
import { startRedis, type RedisServer } from '../../support/servers/servers';
import { seedPrimaryData } from '../../../dev/sample-data/redis-seed';
import { describeSample } from '../../../dev/sample-data/sample-data';
import { Redis } from 'ioredis';

const cache = {
  flush: ['assistant:*', 'session:*'],
  neverContains: 'owner_api_key',
  residual: ['mcp_server:*', 'mcp_servers:index:*', 'key:*'],
};
const data = describeSample({ owners: 5 });
let server: RedisServer;

beforeAll(async () => {
  server = await startRedis();
  await seedPrimaryData(server.url, data);
  const redis = new Redis(server.url);
  await redis.mset('session:1', '{}', 'session:2', '{}', 'assistant:1', '{}');
  redis.disconnect();
});
afterAll(() => server.stop());

const check = (redisUrl: string | undefined, section: typeof cache | undefined = cache) =>
  createCheckCache({ environment: () => ({ name: 'production', redisUrl }) as Environment })({
    target: 'agent-api',
    cache: section,
  });

test('a master with its census passes, primary data is counted and named by prefix only', async () => {
  const findings = await check(server.url);
  expect(findings.map(({ check: name, status }) => [name, status])).toEqual([
    ['Redis server', 'passed'],
    ['Redis memory', 'passed'],
    ['Redis persistence', 'passed'],
    ['cache entries', 'passed'],
    ['residual plaintext in key names', 'passed'],
  ]);
  expect(findings[3]).toMatchObject({ evidence: { 'session:*': 2, 'assistant:*': 1 } });
  expect(findings[3]?.found).toMatch(/^3 of \d+ keys/);
  expect(findings[4]?.found).toBe('15 keys whose name may hold what the plan removes from the database');
  expect(findings[4]?.remains).toEqual([
    '15 names of Redis keys like mcp_server:*, mcp_servers:index:*, key:*, and their values: primary data, left alone',
  ]);
  expect(JSON.stringify(findings)).not.toContain('sk-staging');
});

test('where flushed entries stay in files is told', async () => {
  const persistent = await startRedis({ settings: { appendonly: 'yes', save: '3600 1' } });
  const redis = new Redis(persistent.url);
  try {
    const find = async () => (await check(persistent.url)).find((each) => each.check === 'Redis persistence');
    expect(await find()).toMatchObject({
      found: 'append-only file on, on 1 of 1; snapshots none since its start; 0 replicas',
      remains: [expect.stringMatching(/append-only file.*BGREWRITEAOF/), expect.stringMatching(/older snapshots/)],
    });
    await redis.bgsave();
    await until(async () => ((await find())?.found ?? '').includes('snapshots saved on 1 of 1'));
    expect((await find())?.remains?.[1]).toMatch(/until they are saved again \(BGSAVE\)/);
  } finally {
    redis.disconnect();
    await persistent.stop();
  }
});

test('a replica is refused, since a flush of it would be undone or impossible', async () => {
  const replica = await startRedis({
    settings: { replicaof: `${server.host} ${server.port}`, masterauth: server.password },
  });
  try {
    const [finding] = await check(replica.url);
    expect(finding).toMatchObject({ status: 'failed', expected: 'a master, or any node of a cluster' });
    expect(finding?.found).toMatch(/^slave, standalone/);
    expect(finding?.remedy).toContain('name the master');
  } finally {
    await replica.stop();
  }
});

test('a full one is refused: what the application writes is lost there', async () => {
  const redis = new Redis(server.url);
  await redis.config('SET', 'maxmemory', 1);
  try {
    expect((await check(server.url))[1]).toMatchObject({
      check: 'Redis memory',
      status: 'failed',
      found: '1 of 1 at "maxmemory", with policy "noeviction"',
      remedy: expect.stringContaining('give it more memory'),
    });
  } finally {
    await redis.config('SET', 'maxmemory', 0);
    redis.disconnect();
  }
});

test('a Redis that is down is unknown, never passed, and the password is not told', async () => {
  const findings = await check('redis://:planted-password@127.0.0.1:1/0');
  expect(findings).toMatchObject([{ check: 'cache', status: 'unknown', expected: 'a Redis to look into' }]);
  expect(JSON.stringify(findings)).not.toContain('planted-password');
});

test('without a Redis or a section it is not covered', async () => {
  expect(await check(undefined)).toMatchObject([
    { status: 'not covered', found: expect.stringContaining('production') },
  ]);
  const none = createCheckCache({ environment: () => ({ redisUrl: server.url }) as Environment });
  expect(await none({ target: 'agent-api', cache: undefined })).toMatchObject([
    { status: 'not covered', found: 'a plan without section "cache"' },
  ]);
});
