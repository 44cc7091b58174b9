import { createServer } from 'node:http';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { closeServer, listen } from './http';
import { openSampleLog, type WriteLine } from './log';
import { parseRelease } from './releases';
import { routeSampleRequests } from './routes';

export interface SampleServerSettings {
  release: string;
  databaseUrl: string;
  redisUrl: string;
  /** 0: a free one. */
  port: number;
  write: WriteLine;
}

export interface SampleServer {
  port: number;
  /** Lets requests in flight end (5 s at most), then closes the connections to PostgreSQL and Redis. */
  close(): Promise<void>;
}

/** One release of the sample application, listening on loopback. A database or Redis that is down is told by `/health` only. */
export async function openSampleServer(settings: SampleServerSettings): Promise<SampleServer> {
  const release = parseRelease(settings.release);
  const log = openSampleLog(settings.write);
  const pool = new Pool({
    connectionString: settings.databaseUrl,
    max: 10,
    connectionTimeoutMillis: 5_000,
    application_name: `agent-api ${release.name}`,
  });
  // Without a listener the end of an idle connection ends the process.
  pool.on('error', (error) => log.event('warning', 'database_connection_lost', { error: error.message }));
  const redis = new Redis(settings.redisUrl, {
    maxRetriesPerRequest: 1,
    commandTimeout: 1_000,
    connectTimeout: 2_000,
    retryStrategy: () => 200,
  });
  redis.on('error', (error: Error) => log.event('warning', 'cache_connection_lost', { error: error.message }));

  const server = createServer(routeSampleRequests({ release, pool, redis, log }));
  // Longer than the front keeps idle connections: the one who sends must be the one who closes.
  server.keepAliveTimeout = 65_000;
  const port = await listen(server, settings.port);
  log.event('info', 'application_started', { release: release.name, commit: release.commit });

  return {
    port,
    async close() {
      await closeServer(server, 5_000);
      redis.disconnect();
      await pool.end();
      log.event('info', 'application_stopped', { release: release.name });
    },
  };
}
