import { Redis } from 'ioredis';
import { RedisFailure } from './failure';

/** How to reach one Redis. */
export interface RedisSettings {
  /** `redis://` or `rediss://` (with the certificate checked); may carry user, password and database number. */
  url: string;
  /** Default 5,000. */
  connectTimeoutMs?: number;
  /** Limit for each single command. Default 10,000. */
  commandTimeoutMs?: number;
}

/**
 * With its defaults ioredis repeats a command whose answer was lost, and waits without end when Redis is down. Here a call
 * is done once or fails.
 */
export async function connectRedis(settings: RedisSettings): Promise<Redis> {
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
    const message = `Redis at ${placeOf(settings)}: no answer within ${connectTimeout} ms`;
    timer = setTimeout(() => reject(new RedisFailure('timeout', message)), connectTimeout);
  });
  try {
    await Promise.race([client.connect(), limit]);
    return client;
  } catch (error) {
    endRedis(client);
    throw firstError ?? error;
  } finally {
    clearTimeout(timer);
  }
}

/** Disconnecting what is gone already would keep the process alive for two seconds. */
export function endRedis(client: Redis): void {
  if (client.status !== 'end') client.disconnect();
}

/** `host:port`, which may be shown. @throws RedisFailure for a URL that is none */
export function placeOf({ url }: Pick<RedisSettings, 'url'>): string {
  const { hostname, port } = parse(url);
  return `${hostname}:${port || '6379'}`;
}

/** User and password, as they are written and as they are meant. */
export function secretsOf({ url }: Pick<RedisSettings, 'url'>): string[] {
  const { username, password } = parse(url);
  return [username, password].filter((text) => text !== '').flatMap((text) => [text, decodeURIComponent(text)]);
}

/** The same settings for another server. */
export function settingsAt(settings: RedisSettings, host: string, port: number): RedisSettings {
  const url = parse(settings.url);
  url.hostname = host.includes(':') ? `[${host}]` : host;
  url.port = String(port);
  return { ...settings, url: url.href };
}

function parse(url: string): URL {
  if (URL.canParse(url)) return new URL(url);
  throw new RedisFailure(
    'unreachable',
    'expected a Redis URL such as redis://host:6379/0, found something else; correct the setting',
  );
}
