import type { Redis } from 'ioredis';

/** Which server this is: to tell staging from production, and a master from its copy. */
export interface RedisIdentity {
  /** `host:port` of the settings. */
  place: string;
  /** `master` or `slave`, in Redis's own words. */
  role: string;
  /** `standalone`, `sentinel` or `cluster`. */
  mode: string;
  /** Changes with every start of the server. */
  runId: string;
  /** Such as `7.0.15`. */
  version: string;
  /** By the URL of the settings; default 0. */
  database: number;
  /** Servers that the keys are on: the masters of a cluster, else 1. */
  serverCount: number;
  /** Keys of this database, on all of them. */
  keyCount: number;
  /** Servers that refuse every write that needs memory: full, and told to evict nothing. */
  fullServers: number;
  /** Servers that keep every command in an append-only file. */
  appendOnlyServers: number;
  /** Servers that have saved a snapshot since their start. */
  savedServers: number;
  /** Of all servers. */
  connectedReplicas: number;
  /** Of the node that the settings name. */
  uptimeSeconds: number;
}

/**
 * The server's look-up counters since its start or the last CONFIG RESETSTAT; our own reading is part of them (Redis
 * documentation, INFO, `keyspace_hits`).
 */
export interface KeyLookups {
  /** Of all servers, with blanks between. */
  runId: string;
  /** Look-ups that found their key, of all servers together. */
  hits: number;
  /** Look-ups that found none, likewise. */
  misses: number;
}

/** Reads Redis's INFO. The node that the settings name says what it is; the servers say what they hold. */
export async function readIdentity(node: Redis, servers: readonly Redis[], place: string): Promise<RedisIdentity> {
  const info = await node.info();
  const infos = await Promise.all(servers.map((server) => server.info()));
  const sizes = await Promise.all(servers.map((server) => server.dbsize()));
  return {
    place,
    role: infoField(info, 'role'),
    mode: infoField(info, 'redis_mode'),
    runId: infoField(info, 'run_id'),
    version: infoField(info, 'redis_version'),
    database: node.options.db ?? 0,
    serverCount: servers.length,
    keyCount: sizes.reduce((sum, size) => sum + size, 0),
    fullServers: infos.filter(isFull).length,
    appendOnlyServers: infos.filter((each) => infoField(each, 'aof_enabled') === '1').length,
    savedServers: infos.filter((each) => Number(infoField(each, 'rdb_last_bgsave_time_sec')) >= 0).length,
    connectedReplicas: infos.reduce((sum, each) => sum + Number(infoField(each, 'connected_slaves')), 0),
    uptimeSeconds: Number(infoField(info, 'uptime_in_seconds')),
  };
}

function isFull(info: string): boolean {
  const limit = Number(infoField(info, 'maxmemory'));
  return limit > 0 && infoField(info, 'maxmemory_policy') === 'noeviction' && usedMemory(info) >= limit;
}

const usedMemory = (info: string): number => Number(infoField(info, 'used_memory'));

/** Reads the counters out of INFO. */
export async function readLookups(servers: readonly Redis[]): Promise<KeyLookups> {
  const infos = await Promise.all(servers.map((server) => server.info()));
  const sum = (name: string): number => infos.reduce((total, info) => total + Number(infoField(info, name)), 0);
  return {
    runId: infos.map((info) => infoField(info, 'run_id')).join(' '),
    hits: sum('keyspace_hits'),
    misses: sum('keyspace_misses'),
  };
}

/**
 * The share of look-ups (0 to 1) that found their key between two readings of the counters; undefined if there were
 * none, or if the counters began again in between.
 */
export function hitRatioBetween(before: KeyLookups, after: KeyLookups): number | undefined {
  const hits = after.hits - before.hits;
  const misses = after.misses - before.misses;
  if (before.runId !== after.runId || hits < 0 || misses < 0 || hits + misses === 0) return undefined;
  return hits / (hits + misses);
}

/** One line of INFO's text. */
export const infoField = (info: string, name: string): string =>
  new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? 'unknown';
