import { sampleValues } from '../../../adapters/rows/sampled-values';
import { openSampleDatabase, sessions, type SampleDatabase } from '../../support/stages/sample-database';

const hashes = { ...sessions, column: 'owner_api_key_hash' };
let database: SampleDatabase;
beforeAll(async () => {
  database = await openSampleDatabase('rubicon samples');
  // One owner of 3,000 rows, 5 of 58, 400 of one.
  await database.query(`insert into sessions (title, owner_api_key_hash)
    select 't', case when n <= 3000 then 'of many' when n <= 3290 then 'of some ' || n % 5 else 'of one ' || n end
      from generate_series(1, 3690) n`);
  await database.query(`insert into sessions (title) select 'public' from generate_series(1, 10)`);
});
afterAll(() => database.close());

const draw = (count: number, of = hashes) => database.postgres.withClient((client) => sampleValues(client, of, count));

test.each(['before the first ANALYZE', 'after it'])(
  'frequent and rare values, distinct, and the same each time: %s',
  async (when) => {
    if (when === 'after it') await database.query('analyze sessions');
    const drawn = await draw(50);
    expect(new Set(drawn).size).toBe(50);
    expect(drawn).toEqual(expect.arrayContaining(['of many', 'of some 0', 'of some 4']));
    expect(drawn.filter((value) => value.startsWith('of one')).length).toBeGreaterThan(40);
    for (let look = 0; look < 10; look += 1) expect(await draw(50)).toEqual(drawn);
  },
);

test('fewer distinct values than asked for are all of them; none are none', async () => {
  await expect(draw(50, { ...sessions, column: 'status' })).resolves.toEqual(['active']);
  await expect(draw(50, { ...sessions, column: 'owner_api_key' })).resolves.toEqual([]);
});

test('of a large table some pages are read, always the same ones', async () => {
  await database.query(`create table large (nr int, filler text); alter table large set (autovacuum_enabled = off);
    insert into large select n, repeat('x', 1000) from generate_series(1, 20000) n`);
  const nr = { schema: 'public', table: 'large', column: 'nr' };
  const drawn = await draw(50, nr);
  expect(drawn).toHaveLength(50);
  expect(drawn.some((value) => Number(value) > 10_000)).toBe(true); // from all over the table
  await expect(draw(50, nr)).resolves.toEqual(drawn);
  await database.query('analyze large'); // nr is unique: no value is common
  await expect(draw(50, nr)).resolves.toEqual(drawn);
});
