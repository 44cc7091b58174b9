import type { Redis } from 'ioredis';
import {
  census,
  countNames,
  type CensusOptions,
  type CountNamesOptions,
  type NameCount,
  type RedisCensus,
} from './census';
import { readClusterMap, refuseWhileSlotsMove } from './cluster';
import { connectRedis, endRedis, placeOf, secretsOf, settingsAt, type RedisSettings } from './connect';
import { RedisFailure, redisFailure } from './failure';
import { flush, type FlushOptions, type FlushOutcome } from './flush';
import { infoField, readIdentity, readLookups, type KeyLookups, type RedisIdentity } from './identity';
import type { ScanOptions } from './names';
import { digestOthers, findField, type FieldCount, type FindFieldOptions, type KeysDigest } from './values';

/**
 * One Redis: a server, or a cluster of which the settings name any node. Connects at the first call; a lost connection
 * fails the call under way and is opened again by the next one. Every call may be repeated.
 * @throws RedisFailure, or the signal's reason
 */
export interface RedisServer {
  /** Reads INFO and DBSIZE. */
  identity(): Promise<RedisIdentity>;
  /** How many keys there are by prefix; walks over all names. */
  census(options?: CensusOptions): Promise<RedisCensus>;
  /** How many names pass a test; walks over all names. */
  countNames(options: CountNamesOptions): Promise<NameCount[]>;
  /** How many values have a field; reads values of keys that match, up to a limit. */
  findField(options: FindFieldOptions): Promise<FieldCount>;
  /** A digest over all keys that match none of `exclude`; reads all of them. */
  digestOthers(options: ScanOptions & { exclude: readonly string[] }): Promise<KeysDigest>;
  /** Reads INFO. */
  lookups(): Promise<KeyLookups>;
  /** Refused on a replica, and in a cluster whose slots move: there a key can be missed. */
  flush(options: FlushOptions): Promise<FlushOutcome>;
  /** Ends all connections; a later call opens them again. */
  close(): void;
}

/** Where the keys are. */
interface Nodes {
  /** The one that the settings name. */
  node: Redis;
  /** All that hold keys: the masters of a cluster, else the node itself. */
  servers: Redis[];
  isCluster: boolean;
  /** Who has which keys; empty if there is one server only. */
  slots: string;
}

/** Opens a Redis for reading and for the one effect there is, `flush`. */
export function openRedis(settings: RedisSettings): RedisServer {
  const place = placeOf(settings);
  const secrets = secretsOf(settings);
  const connections = new Map<string, Promise<Redis>>();

  async function connected(to: RedisSettings): Promise<Redis> {
    const known = await connections.get(to.url)?.catch(() => undefined);
    if (known?.status === 'ready') return known;
    if (known) endRedis(known);
    const opening = connectRedis(to);
    connections.set(to.url, opening);
    return opening;
  }

  async function findNodes(): Promise<Nodes> {
    const node = await connected(settings);
    const isCluster = infoField(await node.info('server'), 'redis_mode') === 'cluster';
    if (!isCluster) return { node, servers: [node], isCluster, slots: '' };
    const { masters, slots } = await readClusterMap(node, place);
    const servers = await Promise.all(masters.map(({ host, port }) => connected(settingsAt(settings, host, port))));
    for (const server of servers) await refuseWhileSlotsMove(server, place);
    return { node, servers, isCluster, slots };
  }

  async function run<T>(work: (nodes: Nodes) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    try {
      const nodes = await findNodes();
      const answer = await work(nodes);
      if (nodes.isCluster) refuseIfOther(nodes, await findNodes(), place);
      return answer;
    } catch (error) {
      signal?.throwIfAborted();
      throw redisFailure(place, error, secrets);
    }
  }

  return {
    identity: () => run(({ node, servers }) => readIdentity(node, servers, place)),
    census: (options = {}) => run(({ servers }) => census(servers, options), options.signal),
    countNames: (options) => run(({ servers }) => countNames(servers, options), options.signal),
    findField: (options) => run(({ servers }) => findField(servers, options), options.signal),
    digestOthers: (options) => run(({ servers }) => digestOthers(servers, options), options.signal),
    lookups: () => run(({ servers }) => readLookups(servers)),
    flush: (options) =>
      run(async (nodes) => {
        for (const server of nodes.servers) await refuseUnlessMaster(server, place);
        return flush(nodes, options);
      }, options.signal),
    close: () => {
      for (const opening of connections.values()) void opening.then(endRedis).catch(() => undefined);
      connections.clear();
    },
  };
}

/** Opens, calls back, closes. */
export async function withRedis<T>(settings: RedisSettings, callback: (redis: RedisServer) => Promise<T>): Promise<T> {
  const redis = openRedis(settings);
  try {
    return await callback(redis);
  } finally {
    redis.close();
  }
}

async function refuseUnlessMaster(server: Redis, place: string): Promise<void> {
  const role = infoField(await server.info('replication'), 'role');
  if (role === 'master') return;
  const message = `Redis at ${place}: expected a master, found role "${role}"; name the master in the settings`;
  throw new RedisFailure('not-master', message);
}

/** Keys that went from one server to another meanwhile may have been missed on both. */
function refuseIfOther(before: Nodes, after: Nodes, place: string): void {
  if (before.slots === after.slots) return;
  const found = 'found that some have moved to another one; wait until the move is complete';
  const message = `Redis cluster at ${place}: expected every key on the same server from start to end, ${found}`;
  throw new RedisFailure('cluster', message);
}
