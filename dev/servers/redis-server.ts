import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { type Child, startChild } from './child';
import { withFreePorts } from './free-port';
import { findProgram } from './programs';
import { createThrowAwayFolder } from './throw-away-folder';

export interface RedisOptions {
  /** For messages. Default `Redis`. */
  name?: string;
  /** Lines of `redis.conf`, which win over our own. */
  settings?: Record<string, string | number>;
  /** Servers of one cluster share it. Default: one of its own. */
  password?: string;
}

/** A Redis of its own; `restart` and `kill` lose what is in it, unless `settings` make it persistent. */
export interface RedisServer extends Child {
  /** With the password: never log it. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly password: string;
}

/** Starts an empty Redis on a free loopback port, with a password and without persistence. Takes about 50 ms. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const password = options.password ?? randomBytes(18).toString('base64url');
  return withFreePorts(1, async ([port = 0]) => {
    const folder = createThrowAwayFolder('redis');
    const url = `redis://:${password}@127.0.0.1:${port}/0`;
    const settings = { bind: '127.0.0.1', port, requirepass: password, dir: folder, save: '""', appendonly: 'no' };
    const lines = Object.entries({ ...settings, ...options.settings }).map(([key, value]) => `${key} ${value}`);
    const file = join(folder, 'redis.conf');
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 }); // not as arguments, which everybody can read
    const child = await startChild({
      name: options.name ?? 'Redis',
      program: findProgram('redis-server'),
      args: [file],
      folder,
      isReady: () => ping(url),
    });
    return Object.assign(child, { url, host: '127.0.0.1', port, password });
  });
}

async function ping(url: string): Promise<void> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: 2_000,
    disconnectTimeout: 100,
  });
  redis.on('error', () => {}); // told by the call as well
  try {
    await redis.connect();
    await redis.ping();
  } finally {
    redis.disconnect();
  }
}
