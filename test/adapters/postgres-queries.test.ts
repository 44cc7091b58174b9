import { indexUsed, readIndexActivity, timeQuery } from '../../adapters/postgres-queries';
import { openSampleDatabase, sessions, type SampleDatabase } from '../support/sample-database';

let database: SampleDatabase;
beforeAll(async () => {
  database = await openSampleDatabase('rubicon queries');
  await database.query(`insert into sessions (title, owner_api_key_hash)
    select 't', encode(sha256(convert_to('planted-' || n % 2000, 'UTF8')), 'hex') from generate_series(1, 20000) n`);
  await database.query('analyze sessions');
});
afterAll(() => database.close());

const owned = {
  sql: 'select id from sessions where owner_api_key_hash = $1 limit 20',
  sample: { ...sessions, column: 'owner_api_key_hash' },
};
const byStatus = {
  ...owned,
  sql: 'select id from sessions where status = $1',
  sample: { ...sessions, column: 'status' },
};
const index = 'idx_sessions_owner_api_key_hash';

test('a query that uses its index is seen to, for one value and for any', async () => {
  const use = await database.postgres.withClient((client) => indexUsed(client, owned, index));
  expect(use).toMatchObject({ used: true, usable: true });
  expect(JSON.stringify([use.custom, use.generic])).toContain(`"index":"${index}"`);
});

test('a query that reads the whole table is seen to', async () => {
  await expect(database.postgres.withClient((client) => indexUsed(client, byStatus, index))).resolves.toMatchObject({
    used: false,
    usable: false,
    custom: { node: 'Seq Scan', relation: 'sessions', children: [] },
  });
});

test('a query plan holds no value', async () => {
  const use = await database.postgres.withClient((client) => indexUsed(client, owned, index));
  expect(JSON.stringify(use)).not.toMatch(/[0-9a-f]{16}/);
});

test('on a table of a few rows the index is usable, although a scan is cheaper', async () => {
  await database.query(
    'create table few as select * from sessions limit 5; create index few_hash on few (owner_api_key_hash)',
  );
  await database.query('analyze few');
  const query = {
    sql: 'select id from few where owner_api_key_hash = $1',
    sample: { schema: 'public', table: 'few', column: 'owner_api_key_hash' },
  };
  await expect(database.postgres.withClient((client) => indexUsed(client, query, 'few_hash'))).resolves.toMatchObject({
    used: false,
    usable: true,
  });
});

test('without any real value the plan for one is unknown', async () => {
  const query = { ...owned, sample: { ...sessions, column: 'owner_api_key' } };
  const use = await database.postgres.withClient((client) => indexUsed(client, query, index));
  expect(use).toMatchObject({ custom: null, used: true });
});

test('a query is timed on real values, and matches rows', async () => {
  const timing = await database.postgres.withClient((client) => timeQuery(client, owned, 40));
  expect(timing).toMatchObject({ sampleCount: 40, matchedCount: 40 });
  expect(timing.p50Ms).toBeGreaterThan(0);
  expect(timing.p95Ms).toBeGreaterThanOrEqual(timing.p50Ms ?? Infinity);
  expect(timing.maxMs).toBeGreaterThanOrEqual(timing.p95Ms ?? Infinity);
});

test('fewer distinct values than asked for are fewer samples', async () => {
  await expect(database.postgres.withClient((client) => timeQuery(client, byStatus, 40))).resolves.toMatchObject({
    sampleCount: 1,
  });
});

test('without values nothing was measured', async () => {
  const query = { ...owned, sample: { ...sessions, column: 'owner_api_key' } };
  await expect(database.postgres.withClient((client) => timeQuery(client, query, 40))).resolves.toEqual({
    sampleCount: 0,
    matchedCount: 0,
    p50Ms: null,
    p95Ms: null,
    maxMs: null,
  });
});

test('a query that fails says so without its value', async () => {
  const query = { ...owned, sql: 'select $1::uuid' };
  const error = await database.postgres
    .withClient((client) => timeQuery(client, query, 1))
    .catch((caught: unknown) => caught);
  expect(error).toMatchObject({ sqlstate: '22P02' });
  expect(String(error)).not.toMatch(/[0-9a-f]{16}/);
});

test('a query can change nothing', async () => {
  const query = {
    ...owned,
    sql: `select setval('usage_events_id_seq', 99) from sessions where owner_api_key_hash = $1`,
  };
  const timing = database.postgres.withClient((client) => timeQuery(client, query, 1));
  await expect(timing).rejects.toMatchObject({ sqlstate: '25006' });
});

test('the use of each index is counted', async () => {
  await database.query('select pg_stat_force_next_flush()').catch(() => undefined);
  const activity = await database.postgres.withClient((client) => readIndexActivity(client, sessions));
  expect(activity.map((each) => each.index)).toEqual(['idx_sessions_owner_api_key', index, 'sessions_pkey']);
  expect(activity[2]).toEqual({ index: 'sessions_pkey', scanCount: 0, lastScanAt: null });
});
