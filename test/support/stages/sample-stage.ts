import { Redis } from 'ioredis';
import { describeSample, type SampleData } from '../../../dev/sample-data/sample-data';
import { headerOfKey } from '../../../dev/sample-application/sample-key';
import { seedPrimaryData } from '../../../dev/sample-data/redis-seed';
import { createSampleSchema } from '../../../dev/sample-data/schema';
import { seedSampleRows } from '../../../dev/sample-data/seed';
import { openSampleServer } from '../../../dev/sample-application/server';
import { createDatabase, startRedis, type TestDatabase } from '../servers/servers';

/** A seeded database and Redis for the sample application, each of the test file's own. */
export interface SampleStage {
  database: TestDatabase;
  redisUrl: string;
  redis: Redis;
  data: SampleData;
  /** One release, in this process. */
  serve(release: string, on?: { databaseUrl: string }): Promise<ServedSample>;
  /** Ends what was served, and empties Redis but for the primary data. The database stays. */
  reset(): Promise<void>;
  /** After a test that changed more than rows of its own. */
  renewDatabase(): Promise<void>;
  close(): Promise<void>;
}

export interface ServedSample {
  url: string;
  /** What it logged, line by line. */
  lines: string[];
  /** The JSON lines with this event. */
  events(event: string): Record<string, unknown>[];
  get(path: string, key?: string): Promise<Answered>;
  post(path: string, key: string | undefined, body: object): Promise<Answered>;
  close(): Promise<void>;
}

export interface Answered {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

const template = {
  name: 'sample_rows',
  fill: async (url: string) => {
    await createSampleSchema(url);
    await seedSampleRows(url);
  },
};

export async function openSampleStage(): Promise<SampleStage> {
  const server = await startRedis();
  const redis = new Redis(server.url);
  const served: ServedSample[] = [];
  const stage: SampleStage = {
    database: await createDatabase({ template }),
    redisUrl: server.url,
    redis,
    data: describeSample(),
    async serve(release, on) {
      const sample = await serveSample(release, on?.databaseUrl ?? stage.database.url, server.url);
      served.push(sample);
      return sample;
    },
    async reset() {
      await endServed();
      await redis.flushall();
      await seedPrimaryData(server.url, stage.data);
    },
    async renewDatabase() {
      await endServed();
      stage.database = await createDatabase({ template });
    },
    async close() {
      await endServed();
      redis.disconnect();
      await server.stop();
    },
  };
  const endServed = () => Promise.all(served.splice(0).map((sample) => sample.close()));
  await seedPrimaryData(server.url, stage.data);
  return stage;
}

async function serveSample(release: string, databaseUrl: string, redisUrl: string): Promise<ServedSample> {
  const lines: string[] = [];
  const write = (text: string) => void lines.push(...text.split('\n'));
  const server = await openSampleServer({ release, databaseUrl, redisUrl, port: 0, write });
  const url = `http://127.0.0.1:${server.port}`;
  return {
    url,
    lines,
    events: (event) =>
      lines
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter((line) => line.event === event),
    get: (path, key) => ask(url + path, { headers: headersOf(key) }),
    post: (path, key, body) => ask(url + path, { method: 'POST', headers: headersOf(key), body: JSON.stringify(body) }),
    close: server.close,
  };
}

/** Sends one request and reads its JSON. */
export async function ask(url: string, init: RequestInit): Promise<Answered> {
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answered['body'] };
}

function headersOf(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { 'X-API-Key': headerOfKey(key) };
}
