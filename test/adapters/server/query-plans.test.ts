import { explainQuery, nodesOf, planText, scannedSize } from '../../../adapters/server/query-plans';
import { openSampleDatabase, type SampleDatabase } from '../../support/stages/sample-database';

const index = 'idx_sessions_owner_api_key_hash';
const owned = 'select id from sessions where owner_api_key_hash = $1 limit 20';
const byTitle = 'select id from sessions where title = $1';
const hashes = ['a', 'b', 'c'].map((codeMessage) => codeMessage.repeat(64));

let database: SampleDatabase;
beforeAll(async () => {
  database = await openSampleDatabase('rubicon plans');
  await database.query(`insert into sessions (title, owner_api_key_hash)
    select 't' || n, encode(sha256(convert_to('planted-' || n % 2000, 'UTF8')), 'hex') from generate_series(1, 20000) n`);
  await database.query('analyze sessions');
});
afterAll(() => database.close());

const explain = (sql: string, values = hashes) =>
  database.postgres.withClient((client) => explainQuery(client, sql, values));

test('values with one plan are one, with the fewest and the most rows that are expected', async () => {
  const { custom, generic } = await explain(owned);
  expect(custom).toMatchObject([{ values: 3, plan: { node: 'Limit' } }]);
  for (const { plan } of [...custom, generic]) expect(nodesOf(plan).map((node) => node.index)).toContain(index);
  expect(planText(custom[0]!.plan)).toMatch(
    /^Limit \(\d+ rows\)\n {2}-> (Index Scan using idx_sessions_owner_api_key_hash on public\.sessions|Bitmap Heap Scan on public\.sessions) \(\d+ rows\)/,
  );
});

test('a plan holds no value', async () => {
  const value = 'what-nobody-may-see';
  const plans = await explain(`select id from sessions where owner_api_key_hash = $1 and title <> 'constant'`, [value]);
  expect(JSON.stringify(plans)).not.toMatch(/nobody-may-see|constant/);
});

test('how much is read whole: tables by pages and rows, partitions together, and nothing where an index is used', async () => {
  await database.query(`create table parts (nr int, word text) partition by range (nr);
    create table parts_1 partition of parts for values from (0) to (1000);
    create table parts_2 partition of parts for values from (1000) to (2000);
    insert into parts select n, 'w' || n from generate_series(0, 1999) n; analyze parts`);
  const sizeOf = async (sql: string, value: string) => {
    const { custom } = await explain(sql, [value]);
    return database.postgres.withClient((client) => scannedSize(client, custom[0]!.plan));
  };
  await expect(sizeOf(byTitle, 't7')).resolves.toMatchObject({ rows: 20_000, pages: expect.any(Number) });
  await expect(sizeOf('select nr from parts where word = $1', 'w7')).resolves.toMatchObject({ rows: 2_000 });
  await expect(sizeOf(owned, hashes[0]!)).resolves.toEqual({ pages: 0, rows: 0 });
});

test('without a value there is the plan for any', async () => {
  await expect(explain(owned, [])).resolves.toMatchObject({
    custom: [],
    generic: { values: 0, plan: { node: 'Limit' } },
  });
});
