import { Redis } from 'ioredis';
import {
  census,
  countNames,
  type CensusOptions,
  type CountNamesOptions,
  type NameCount,
  type RedisCensus,
} from './redis-census';
import { RedisFailure, redisFailure } from './redis-failure';
import { flush, type FlushOptions, type FlushOutcome } from './redis-flush';
import { identityFrom, lookupsFrom, type KeyLookups, type RedisIdentity } from './redis-identity';
import type { ScanOptions } from './redis-names';
import { digestOthers, findField, type FieldCount, type FindFieldOptions, type KeysDigest } from './redis-values';

export interface RedisSettings {
  /** `redis://` or `rediss://` (with the certificate checked); may carry user, password and database number. */
  url: string;
  /** Default 5,000. */
  connectTimeoutMs?: number;
  /** Limit for each single command. Default 10,000. */
  commandTimeoutMs?: number;
}

/**
 * One Redis server. Connects at the first call; a lost connection fails the call under way and is opened again by the
 * next one. Every call may be repeated.
 * @throws RedisFailure, or the signal's reason
 */
export interface RedisServer {
  identity(): Promise<RedisIdentity>;
  census(options?: CensusOptions): Promise<RedisCensus>;
  countNames(options: CountNamesOptions): Promise<NameCount[]>;
  findField(options: FindFieldOptions): Promise<FieldCount>;
  digestOthers(options: ScanOptions & { exclude: readonly string[] }): Promise<KeysDigest>;
  lookups(): Promise<KeyLookups>;
  /** Refused on a replica, and in a cluster, where SCAN sees one node only. */
  flush(options: FlushOptions): Promise<FlushOutcome>;
  close(): void;
}

/** Opens a Redis server for reading and for the one effect there is, `flush`. */
export function openRedis(settings: RedisSettings): RedisServer {
  const { place, secrets } = facts(settings.url);
  let connection: Promise<Redis> | undefined;

  const connected = async (): Promise<Redis> => {
    const known = await connection?.catch(() => undefined);
    if (known?.status === 'ready') return known;
    if (known) end(known);
    connection = connect(settings, place);
    return connection;
  };

  async function run<T>(work: (client: Redis) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await work(await connected());
    } catch (error) {
      signal?.throwIfAborted();
      throw redisFailure(place, error, secrets);
    }
  }

  return {
    identity: () =>
      run(async (client) => identityFrom(await client.info(), await client.dbsize(), place, client.options.db ?? 0)),
    census: (options = {}) => run((client) => census(client, options), options.signal),
    countNames: (options) => run((client) => countNames(client, options), options.signal),
    findField: (options) => run((client) => findField(client, options), options.signal),
    digestOthers: (options) => run((client) => digestOthers(client, options), options.signal),
    lookups: () => run(async (client) => lookupsFrom(await client.info())),
    flush: (options) =>
      run(async (client) => {
        await refuseUnlessMaster(client, place);
        return flush(client, options);
      }, options.signal),
    close: () => {
      void connection?.then(end).catch(() => undefined);
      connection = undefined;
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

/**
 * With its defaults ioredis repeats a command whose answer was lost, and waits for ever when Redis is down. Here a call
 * is done once or fails.
 */
async function connect(settings: RedisSettings, place: string): Promise<Redis> {
  const connectTimeout = settings.connectTimeoutMs ?? 5_000;
  const client = new Redis(settings.url, {
    lazyConnect: true,
    connectTimeout,
    disconnectTimeout: 100, // then the socket is destroyed
    commandTimeout: settings.commandTimeoutMs ?? 10_000,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: null,
    enableOfflineQueue: false,
    disableClientInfo: true,
    connectionName: 'rubicon',
  });
  let firstError: unknown; // connect() itself only says "Connection is closed."
  client.on('error', (error) => (firstError ??= error));
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    const message = `Redis at ${place}: no answer within ${connectTimeout} ms`;
    timer = setTimeout(() => reject(new RedisFailure('timeout', message)), connectTimeout);
  });
  try {
    await Promise.race([client.connect(), limit]);
    return client;
  } catch (error) {
    end(client);
    throw firstError ?? error;
  } finally {
    clearTimeout(timer);
  }
}

/** Disconnecting what is gone already would keep the process alive for two seconds. */
function end(client: Redis): void {
  if (client.status !== 'end') client.disconnect();
}

async function refuseUnlessMaster(client: Redis, place: string): Promise<void> {
  const { role, mode } = identityFrom(await client.info(), 0, place, 0);
  if (mode === 'cluster') {
    throw new RedisFailure(
      'cluster',
      `Redis at ${place}: expected a single server, found a node of a cluster; a flush would reach only its own keys`,
    );
  }
  if (role !== 'master') {
    throw new RedisFailure(
      'not-master',
      `Redis at ${place}: expected a master, found role "${role}"; name the master in the settings`,
    );
  }
}

function facts(url: string): { place: string; secrets: string[] } {
  try {
    const { hostname, port, username, password } = new URL(url);
    const secrets = [username, password]
      .filter((text) => text !== '')
      .flatMap((text) => [text, decodeURIComponent(text)]);
    return { place: `${hostname}:${port || '6379'}`, secrets };
  } catch {
    throw new RedisFailure('unreachable', 'expected a Redis URL such as redis://host:6379/0, found something else');
  }
}
