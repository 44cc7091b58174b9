import { deflateSync } from 'node:zlib';
import { createServer, type AddressInfo } from 'node:net';
import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { openRedis, withRedis, type RedisServer } from '../../../adapters/redis/redis';
import { RedisFailure } from '../../../adapters/redis/failure';
import { hitRatioBetween } from '../../../adapters/redis/identity';
import { hasSegmentHash } from '../../../adapters/redis/names';
import { startRedis, type RedisServer as RedisProcess } from '../../support/servers/servers';
import { until } from '../../support/looks/until';

const plantedKey = 'sk-planted-7f3a';

let server: RedisProcess;
let direct: Redis;
let redis: RedisServer;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());
beforeEach(async () => {
  direct = new Redis(server.url, { disconnectTimeout: 100 });
  redis = openRedis({ url: server.url });
  await direct.flushall();
});
afterEach(() => {
  redis.close();
  direct.disconnect();
});

async function fill(counts: Record<string, number>): Promise<void> {
  const pipeline = direct.pipeline();
  for (const [prefix, count] of Object.entries(counts)) {
    for (let index = 0; index < count; index += 1) pipeline.set(`${prefix}${index}`, `value ${index}`);
  }
  await pipeline.exec();
}
const failureOf = (promise: Promise<unknown>): Promise<RedisFailure> =>
  promise.then(
    () => Promise.reject(new Error('expected a failure')),
    (error: unknown) => error as RedisFailure,
  );

describe('a flush', () => {
  it('removes what matches, proves it by a pass that finds nothing, and leaves the rest bit for bit', async () => {
    await fill({ 'session:': 2_500, 'assistant:owner:': 700, 'sessions_archive:': 50, 'project:': 1_200 });
    await direct.hset('agent:1', { name: 'x' });
    await direct.zadd('run:1', 1, 'a');
    const patterns = ['session:*', 'assistant:*'];
    const before = await redis.digestOthers({ exclude: patterns });
    const progress: number[] = [];

    const outcome = await redis.flush({ patterns, onProgress: ({ removed }) => progress.push(removed) });

    expect(outcome).toEqual({ removed: 3_200, passes: 2, left: 0, otherKeysBefore: 1_252, otherKeysAfter: 1_252 });
    expect(await redis.digestOthers({ exclude: patterns })).toEqual(before);
    expect(before.keys).toBe(1_252);
    expect(progress.at(-1)).toBe(3_200);
  });

  it('changes nothing when it runs again', async () => {
    await fill({ 'session:': 5, 'project:': 5 });
    await redis.flush({ patterns: ['session:*'] });
    const again = await redis.flush({ patterns: ['session:*'] });
    expect(again).toEqual({ removed: 0, passes: 1, left: 0, otherKeysBefore: 5, otherKeysAfter: 5 });
  });

  it('removes names that are no UTF-8, and takes no wildcard out of a name', async () => {
    await direct.set(Buffer.from([...Buffer.from('session:'), 0xff, 0xfe]), 'x');
    await fill({ 'session:[a]*': 1, sessionX: 1 });
    expect(await redis.flush({ patterns: ['session:*'] })).toMatchObject({ removed: 2, otherKeysAfter: 1 });
  });

  it('says that something is left when an application writes faster', async () => {
    await fill({ 'session:': 5 });
    const rewrite = (): void => void direct.set('session:again', 'x');
    const outcome = await redis.flush({ patterns: ['session:*'], maxPasses: 3, onProgress: rewrite });
    expect(outcome.passes).toBe(3);
    expect(outcome.left).toBeGreaterThan(0);
  });

  it('removes no more keys in a second than it may, and can be stopped while it waits', async () => {
    await fill({ 'session:': 600, 'project:': 600 });
    const startedAt = performance.now();
    const outcome = await redis.flush({ patterns: ['session:*'], keysPerSecond: 1_000 });
    expect(performance.now() - startedAt).toBeGreaterThan(450); // six parts of 100, a tenth of a second each
    expect(outcome).toMatchObject({ removed: 600, left: 0, otherKeysAfter: 600 });

    const cancel = new AbortController();
    const reason = new Error('cancelled');
    const crawling = redis.flush({ patterns: ['project:*'], keysPerSecond: 1, signal: cancel.signal });
    void until(async () => (await direct.dbsize()) < 600).then(() => cancel.abort(reason));
    await expect(crawling).rejects.toBe(reason);
    expect(await direct.dbsize()).toBeGreaterThan(500);
  });

  it('works on a server that is full, where nobody can write', async () => {
    await fill({ 'session:': 50, 'project:': 5 });
    await direct.config('SET', 'maxmemory', 1); // its policy is "noeviction"
    try {
      await expect(direct.set('session:more', 'x')).rejects.toThrow('OOM');
      expect(await redis.identity()).toMatchObject({ fullServers: 1, serverCount: 1 });
      expect(await redis.flush({ patterns: ['session:*'] })).toMatchObject({ removed: 50, left: 0, otherKeysAfter: 5 });
    } finally {
      await direct.config('SET', 'maxmemory', 0);
    }
    expect(await redis.identity()).toMatchObject({ fullServers: 0 });
  });

  it('is refused on a replica', async () => {
    await fill({ 'session:': 5 });
    await direct.replicaof('127.0.0.1', 1);
    try {
      const failure = await failureOf(redis.flush({ patterns: ['session:*'] }));
      expect(failure).toBeInstanceOf(RedisFailure);
      expect(failure.reason).toBe('not-master');
      expect(failure.message).toBe(
        `Redis at 127.0.0.1:${server.port}: expected a master, found role "slave"; name the master in the settings`,
      );
      expect(await redis.identity()).toMatchObject({ role: 'slave', keyCount: 5 });
    } finally {
      await direct.replicaof('NO', 'ONE');
    }
  });

  it.each(['*', '', 'session', '*:x', 'ses*ion:*', 'session:?*', 'session:[ab]*', 'a\\*'])(
    'refuses the pattern %j',
    async (pattern) => {
      await fill({ 'session:': 1 });
      expect((await failureOf(redis.flush({ patterns: [pattern] }))).reason).toBe('pattern');
      expect(await direct.dbsize()).toBe(1);
    },
  );

  it('stops at a cancel and can be taken up again', async () => {
    await fill({ 'session:': 5_000 });
    const cancel = new AbortController();
    const reason = new Error('cancelled');
    const onProgress = (): void => cancel.abort(reason);
    await expect(redis.flush({ patterns: ['session:*'], signal: cancel.signal, onProgress })).rejects.toBe(reason);
    expect(await direct.dbsize()).toBeGreaterThan(0);
    expect(await redis.flush({ patterns: ['session:*'] })).toMatchObject({ left: 0 });
  });
});

describe('looking without touching', () => {
  it('counts keys by prefix and never shows a name that may be a key', async () => {
    await fill({ 'assistant:': 3, 'assistant:owner:': 2, 'project:': 4, [`${plantedKey}:`]: 5, [plantedKey]: 1 });
    const census = await redis.census({ prefixes: ['assistant:owner:', 'session:'] });
    expect(census).toEqual({
      totalKeys: 15,
      counts: { 'assistant:': 3, 'assistant:owner:': 2, 'project:': 4, 'session:': 0 },
      otherKeys: 6,
    });
  });

  it('counts names that hold a known key, wherever its segments are', async () => {
    const keys = [plantedKey, 'with:colon'];
    const known = new Set(keys.map((key) => createHash('sha256').update(key).digest('hex')));
    await fill({
      [`mcp_server:${plantedKey}:`]: 3,
      'mcp_server:with:colon:': 2,
      'mcp_server:other:': 4,
      [`key:${plantedKey}`]: 1,
    });
    const counts = await redis.countNames({
      patterns: ['mcp_server:*', 'key:*'],
      matches: (name) => hasSegmentHash(name, (hash) => known.has(hash)),
    });
    expect(counts).toEqual([
      { pattern: 'mcp_server:*', names: 9, matching: 5 },
      { pattern: 'key:*', names: 1, matching: 0 }, // `key:sk-planted-7f3a0` is another key
    ]);
  });

  it('finds a field in values of every shape, by its whole name', async () => {
    const values = {
      plain: { owner_api_key: plantedKey },
      deep: { rows: [{ a: { owner_api_key: plantedKey } }] },
      nested: { row: JSON.stringify({ owner_api_key: plantedKey }) },
      empty: { owner_api_key: null, id: 1 },
      hash: { owner_api_key_hash: 'x', text: 'about owner_api_key' },
    };
    for (const [name, value] of Object.entries(values)) await direct.set(`session:${name}`, JSON.stringify(value));
    await direct.set('session:pickled', `\x80\x04\x95\x8c\x0downer_api_key\x94\x8c`);
    await direct.set('session:text', 'owner_api_key_hash');
    await direct.set('session:large', `{"owner_api_key":"${'ж'.repeat(200_000)}"}`); // fewer characters than bytes
    await direct.hset('session:as-hash', { owner_api_key: plantedKey });
    const json = JSON.stringify(values.plain);
    await direct.hset('session:rows', { one: JSON.stringify(values.hash), two: json });
    await direct.rpush('session:list', 'x', json);
    await direct.sadd('session:set', 'x', json);
    await direct.zadd('session:zset', 1, 'x', 2, json);
    await direct.xadd('session:stream', '*', 'owner_api_key', 'x');
    await direct.sadd('session:ids', 'a', 'b');
    await direct.rpush('session:long-list', ...Array.from({ length: 1_001 }, (_, n) => n));
    await direct.set('session:compressed', deflateSync(json));
    await direct.set('project:1', json);

    expect(await redis.findField({ patterns: ['session:*'], field: 'owner_api_key' })).toEqual({
      matching: 17,
      inspected: 17,
      present: 10, // three strings, text, two hashes, list, set, sorted set, stream
      presentButNull: 1,
      absent: 3,
      unreadable: 3, // large, long, compressed
      gone: 0,
    });
  });

  it('says of how many values it has looked at a sample', async () => {
    await fill({ 'session:': 20, 'project:': 5 });
    const count = await redis.findField({ patterns: ['session:*'], field: 'x', limit: 7 });
    expect(count).toMatchObject({ matching: 20, inspected: 7, absent: 7 });
  });

  it('notices any change of another key, and none of its time to live', async () => {
    await fill({ 'project:': 100 });
    const before = await redis.digestOthers({ exclude: ['session:*'] });
    await direct.expire('project:1', 1_000);
    await fill({ 'session:': 3 });
    expect(await redis.digestOthers({ exclude: ['session:*'] })).toEqual(before);
    await direct.append('project:1', '!');
    expect(await redis.digestOthers({ exclude: ['session:*'] })).not.toEqual(before);
  });

  it('knows the server', async () => {
    const [identity, version] = [await redis.identity(), /redis_version:(\S+)/.exec(await direct.info())?.[1]];
    expect(identity).toMatchObject({ place: `127.0.0.1:${server.port}`, role: 'master', mode: 'standalone', version });
    expect(identity).toMatchObject({ database: 0, keyCount: 0, connectedReplicas: 0 });
    expect(identity.runId).toMatch(/^[0-9a-f]{40}$/);
  });

  it('measures the hit ratio between two readings, and none over a restart or a reset', async () => {
    await direct.set('a', '1');
    const before = await redis.lookups();
    await direct.mget('a', 'a', 'a', 'none');
    const after = await redis.lookups();
    expect(hitRatioBetween(before, after)).toBe(0.75);
    expect(hitRatioBetween(after, after)).toBeUndefined();
    expect(hitRatioBetween(after, before)).toBeUndefined();
    expect(hitRatioBetween({ ...before, runId: 'other' }, after)).toBeUndefined();
  });
});

describe('when Redis is not as it should be', () => {
  it('fails at once if nobody listens', async () => {
    const failure = await failureOf(
      withRedis({ url: 'redis://user:hidden-password@127.0.0.1:1' }, (it) => it.identity()),
    );
    expect(failure.reason).toBe('unreachable');
    expect(failure.message).toBe('Redis at 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1');
  });

  it('fails in time if somebody listens and says nothing', async () => {
    const silent = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as AddressInfo;
    const settings = { url: `redis://127.0.0.1:${port}`, connectTimeoutMs: 200 };
    const failure = await failureOf(withRedis(settings, (it) => it.identity()));
    silent.close();
    expect(failure.reason).toBe('timeout');
    expect(failure.message).toBe(`Redis at 127.0.0.1:${port}: no answer within 200 ms`);
  });

  it('fails in time if the server freezes later', async () => {
    const frozen = openRedis({ url: server.url, commandTimeoutMs: 200 });
    await frozen.identity();
    process.kill(server.pid ?? 0, 'SIGSTOP');
    try {
      expect((await failureOf(frozen.identity())).reason).toBe('timeout');
    } finally {
      process.kill(server.pid ?? 0, 'SIGCONT');
      frozen.close();
    }
  });

  it('does not show the password that was refused', async () => {
    const url = server.url.replace(/:[^:@]+@/, ':a-wrong-password@');
    const failure = await failureOf(withRedis({ url }, (it) => it.identity()));
    expect(failure.message).toContain('WRONGPASS');
    expect(JSON.stringify({ ...failure, message: failure.message })).not.toContain('a-wrong-password');
  });

  it('shows no key name when a command is refused', async () => {
    await fill({ [`session:${plantedKey}`]: 1 });
    await direct.call('ACL', 'SETUSER', 'reader', 'on', '>reader-password', '~*', '+info', '+scan');
    const url = server.url.replace(/\/\/.*@/, '//reader:reader-password@');
    const failure = await failureOf(withRedis({ url }, (it) => it.flush({ patterns: ['session:*'] })));
    expect(failure.reason).toBe('refused');
    expect(failure.message).toContain('NOPERM');
    expect(JSON.stringify([failure, failure.stack, Object.entries(failure)])).not.toContain('planted');
  });

  it('fails a call whose connection is lost and serves the next one', async () => {
    await fill({ 'session:': 5_000 });
    let killed: Promise<void> | undefined;
    const onProgress = (): void => void (killed ??= server.kill());
    const failure = await failureOf(redis.flush({ patterns: ['session:*'], onProgress }));
    await killed;
    expect(failure.reason).toBe('unreachable');
    await server.restart();
    expect(await redis.identity()).toMatchObject({ role: 'master' });
  });

  it('says what is wrong with a URL without showing it', () => {
    expect(() => openRedis({ url: 'secret-text' })).toThrow('expected a Redis URL such as redis://host:6379/0');
  });
});
