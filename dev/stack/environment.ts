import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { EnvironmentName } from '../../contract/run/names';
import { installStatements } from '../../sql/install';
import { fillSampleCache } from '../sample-data/cache-fill';
import { describeSample, type SampleData } from '../sample-data/sample-data';
import { seedSampleLog } from '../sample-data/log-seed';
import { startSamplePlatform, type SamplePlatform } from '../sample-platform/process';
import { seedPrimaryData } from '../sample-data/redis-seed';
import { createSampleSchema } from '../sample-data/schema';
import { seedSampleRows } from '../sample-data/seed';
import { installWorkerRole, workerRole, workerUrlOf } from './worker-role';

/** Where an environment is made: an empty database and an empty Redis of its own. */
export interface EnvironmentPlace {
  name: EnvironmentName;
  target: string;
  /** For the application's log; created. */
  folder: string;
  postgresUrl: string;
  redisUrl: string;
  /** Default: the sample's own, 40 owners and 2,000 rows a table. */
  size?: { owners?: number; sessions?: number; assistants?: number };
  /** The database is a copy of one that `fillStackDatabase` has filled, with the same size. Default false. */
  isFilled?: boolean;
  /** Of front and control API; default free ones. */
  ports?: { front: number; control: number };
}

/** What the settings of an environment say, known before anything runs there. */
export interface EnvironmentFacts {
  name: EnvironmentName;
  /** As superuser: whatever the application and people do. */
  postgresUrl: string;
  /** The same database as the worker connects to it, with the least rights. */
  workerUrl: string;
  redisUrl: string;
  data: SampleData;
  logFile: string;
  bypassToken: string;
}

/** One environment of the local target: database and cache with data, the application running, its log. */
export interface StackEnvironment extends EnvironmentFacts {
  platform: SamplePlatform;
}

/** The facts of an environment that is about to be started. */
export function describeEnvironment({ name, folder, postgresUrl, redisUrl, size }: EnvironmentPlace): EnvironmentFacts {
  const data = describeSample({ environment: name, ...size });
  const bypassToken = `bypass-${name}-${randomBytes(9).toString('base64url')}`;
  const workerUrl = workerUrlOf(postgresUrl);
  return { name, postgresUrl, workerUrl, redisUrl, data, logFile: join(folder, `${name}.log`), bypassToken };
}

/** Fills database, cache and a log of eight days, installs our schema, and starts the old release. */
export async function startStackEnvironment(
  place: EnvironmentPlace,
  facts = describeEnvironment(place),
): Promise<StackEnvironment> {
  const { name, target, folder, ports, isFilled = false } = place;
  const { postgresUrl, redisUrl, logFile, bypassToken, data } = facts;
  mkdirSync(folder, { recursive: true });
  seedSampleLog({ logFile });
  const filling = Promise.all([
    isFilled ? undefined : fillStackDatabase(postgresUrl, name, target, place.size),
    seedPrimaryData(redisUrl, data),
  ]);
  filling.catch(() => undefined); // told below, once the platform is there to be stopped
  const platform = await startSamplePlatform({
    ...{ release: 'phase2', databaseUrl: postgresUrl, redisUrl, logFile, bypassToken },
    ...(ports && { frontPort: ports.front, controlPort: ports.control }),
  });
  try {
    await filling;
    await fillSampleCache(platform.frontUrl, data);
  } catch (error) {
    await platform.stop();
    throw error;
  }
  return { ...facts, platform };
}

/** Tables, rows and our own schema, as one environment has them before a rollout: also for a template of tests. */
export async function fillStackDatabase(
  url: string,
  environment: EnvironmentName,
  target: string,
  size: EnvironmentPlace['size'] = {},
): Promise<void> {
  await createSampleSchema(url);
  await seedSampleRows(url, { environment, ...size });
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    // What a DBA does once with the output of `rubicon doctor --install-sql`.
    await installWorkerRole(client, url);
    for (const { sql } of installStatements({ environment, target, role: workerRole })) await client.query(sql);
  } finally {
    await client.end();
  }
}
