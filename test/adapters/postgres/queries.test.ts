import { readIndexActivity, timeQuery } from '../../../adapters/postgres/queries';
import { sampleValues } from '../../../adapters/rows/sampled-values';
import { openSampleDatabase, sessions, type SampleDatabase } from '../../support/stages/sample-database';

let database: SampleDatabase;
beforeAll(async () => {
  database = await openSampleDatabase('rubicon queries');
  await database.query(`insert into sessions (title, owner_api_key_hash)
    select 't', encode(sha256(convert_to('planted-' || n % 2000, 'UTF8')), 'hex') from generate_series(1, 20000) n`);
  await database.query('analyze sessions');
});
afterAll(() => database.close());

const owned = 'select id from sessions where owner_api_key_hash = $1 limit 20';
const index = 'idx_sessions_owner_api_key_hash';

const time = (sql: string, values: string[]) =>
  database.postgres.withClient((client) => timeQuery(client, sql, values));

test('a query is timed on real values, and matches rows', async () => {
  const hashes = { ...sessions, column: 'owner_api_key_hash' };
  const timing = await time(owned, await database.postgres.withClient((client) => sampleValues(client, hashes, 40)));
  expect(timing).toMatchObject({ sampleCount: 40, matchedCount: 40 });
  expect(timing.p50Ms).toBeGreaterThan(0);
  expect(timing.p95Ms).toBeGreaterThanOrEqual(timing.p50Ms ?? Infinity);
  expect(timing.maxMs).toBeGreaterThanOrEqual(timing.p95Ms ?? Infinity);
});

test('without values nothing was measured', async () => {
  await expect(time(owned, [])).resolves.toEqual({
    ...{ sampleCount: 0, matchedCount: 0 },
    ...{ p50Ms: null, p95Ms: null, maxMs: null },
  });
});

test('a query that fails says so without its value', async () => {
  const error = await time('select $1::uuid', ['what-nobody-may-see']).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ sqlstate: '22P02' });
  expect(String(error)).not.toMatch(/nobody-may-see/);
});

test('a query can change nothing', async () => {
  const sql = `select setval('usage_events_id_seq', 99) from sessions where owner_api_key_hash <> $1`;
  await expect(time(sql, ['x'])).rejects.toMatchObject({ sqlstate: '25006' });
});

test('the use of each index is counted', async () => {
  await database.query('select pg_stat_force_next_flush()').catch(() => undefined);
  const activity = await database.postgres.withClient((client) => readIndexActivity(client, sessions));
  expect(activity.map((each) => each.index)).toEqual(['idx_sessions_owner_api_key', index, 'sessions_pkey']);
  expect(activity[2]).toEqual({ index: 'sessions_pkey', scanCount: 0, lastScanAt: null });
});
