import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { EnvironmentName } from '../contract/names';
import { installStatements } from '../sql/install';
import { fillSampleCache } from './sample-cache-fill';
import type { SampleData } from './sample-data';
import { seedSampleLog } from './sample-log-seed';
import { startSamplePlatform } from './sample-process';
import type { SamplePlatform } from './sample-process';
import { createSampleSchema } from './sample-schema';
import { seedSample } from './sample-seed';

/** One environment of the local target: database and cache with data, the application running, its log. */
export interface StackEnvironment {
  name: EnvironmentName;
  postgresUrl: string;
  redisUrl: string;
  platform: SamplePlatform;
  data: SampleData;
  logFile: string;
  bypassToken: string;
}

/** Where an environment is made: an empty database and an empty Redis of its own. */
export interface EnvironmentPlace {
  name: EnvironmentName;
  target: string;
  folder: string;
  postgresUrl: string;
  redisUrl: string;
  /** Default: the sample's own, 40 owners and 2,000 rows a table. */
  size?: { owners?: number; sessions?: number; assistants?: number };
}

/** Fills database, cache and a log of eight days, installs our schema, and starts the old release. */
export async function startStackEnvironment(place: EnvironmentPlace): Promise<StackEnvironment> {
  const { name, target, folder, postgresUrl, redisUrl, size } = place;
  mkdirSync(folder, { recursive: true });
  const logFile = join(folder, `${name}.log`);
  const bypassToken = `bypass-${name}-${Math.random().toString(36).slice(2)}`;
  await createSampleSchema(postgresUrl);
  const data = await seedSample({ databaseUrl: postgresUrl, redisUrl, environment: name, ...size });
  await installRubicon(postgresUrl, name, target);
  seedSampleLog({ logFile });
  const platform = await startSamplePlatform({
    release: 'phase2',
    databaseUrl: postgresUrl,
    redisUrl,
    logFile,
    bypassToken,
  });
  await fillSampleCache(platform.frontUrl, data);
  return { name, postgresUrl, redisUrl, platform, data, logFile, bypassToken };
}

/** What a DBA does once with the output of `rubicon doctor --install-sql`. */
async function installRubicon(url: string, environment: EnvironmentName, target: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const { sql } of installStatements({ environment, target })) await client.query(sql);
  } finally {
    await client.end();
  }
}
