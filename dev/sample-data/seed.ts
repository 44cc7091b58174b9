import { Client } from 'pg';
import { describeSample, type SampleData, type SampleSize } from './sample-data';
import { seedPrimaryData } from './redis-seed';

export interface SeedSettings extends SampleSize {
  databaseUrl: string;
  redisUrl: string;
}

const KEY = `'sk-' || $1::text || '-' || owner || '-' || md5($1::text || ' key ' || owner)`;
const HASH = `encode(sha256(convert_to(key, 'UTF8')), 'hex')`;
/** Numbered rows: $2 owned ones, then $3 public ones; $4 owners. */
const ROWS = `
  SELECT n, key, ${HASH} AS hash, now() - n * interval '1 minute' AS at
    FROM (SELECT n, CASE WHEN n <= $2::int THEN ${KEY} END AS key
            FROM generate_series(1, $2::int + $3::int) AS n, LATERAL (SELECT 1 + (n - 1) % $4::int AS owner) AS o) AS r`;

const SESSIONS = `
  INSERT INTO sessions (id, title, metadata, owner_api_key, owner_api_key_hash, created_at, updated_at)
  SELECT md5($1 || ' session ' || n)::uuid, 'Session ' || n, jsonb_build_object('note', repeat('n', 120)), key, hash, at, at
    FROM (${ROWS}) AS rows`;

const ASSISTANTS = `
  INSERT INTO assistants (id, name, model, instructions, owner_api_key, owner_api_key_hash, created_at, updated_at)
  SELECT 'asst_' || left(md5($1 || ' assistant ' || n), 24), 'Assistant ' || n, 'large', repeat('i', 120), key, hash, at, at
    FROM (${ROWS}) AS rows`;

const ODD_SESSIONS = `
  INSERT INTO sessions (title, owner_api_key, owner_api_key_hash)
  SELECT 'Odd key ' || length(key), key, ${HASH} FROM unnest($1::text[]) AS key WHERE length(key) <= 255`;

const ODD_ASSISTANTS = `
  INSERT INTO assistants (id, name, model, owner_api_key, owner_api_key_hash)
  SELECT 'asst_' || left(md5(key), 24), 'Odd key', 'small', key, ${HASH} FROM unnest($1::text[]) AS key`;

const USAGE_EVENTS = `
  INSERT INTO usage_events (kind, amount, happened_at)
  SELECT 'tokens', n * 1.25, now() - n * interval '1 hour' FROM generate_series(1, 500) AS n`;

/** Fills the tables of `createSampleSchema`; a million rows take seconds. */
export async function seedSampleRows(databaseUrl: string, size: SampleSize = {}): Promise<SampleData> {
  const data = describeSample(size);
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(SESSIONS, [data.environment, data.sessions, data.publicRows, data.owners]);
    await client.query(ASSISTANTS, [data.environment, data.assistants, data.publicRows, data.owners]);
    await client.query(ODD_SESSIONS, [data.oddKeys]);
    await client.query(ODD_ASSISTANTS, [data.oddKeys]);
    await client.query(USAGE_EVENTS);
    // Without statistics the planner would read whole tables, and "the index is used" could not be shown.
    await client.query('ANALYZE');
  } finally {
    await client.end();
  }
  return data;
}

/**
 * Fills PostgreSQL and Redis with what a living application has gathered. Cache entries are not written here:
 * `fillSampleCache` has the application write them.
 */
export async function seedSample({ databaseUrl, redisUrl, ...size }: SeedSettings): Promise<SampleData> {
  const data = await seedSampleRows(databaseUrl, size);
  await seedPrimaryData(redisUrl, data);
  return data;
}
