import { openPostgres } from '../../../adapters/postgres/postgres';
import { checkPublications } from '../../../activities/structure-checks/check-publications';
import type { Finding } from '../../../contract/run/findings';
import { withValues, type Removes } from '../../../contract/plan/removals';
import { followRemedy } from '../../support/looks/remedy';
import { some } from '../../support/inputs/some';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  await database.query(`create table t (id int primary key, key text, note text, "Größe" int, sum int generated always as (id + 1) stored);
    create table keyless (id int, key text); alter table keyless replica identity full;
    create table deferred (id int primary key deferrable, key text); alter table deferred replica identity full;
    create table whole (id int primary key, key text); alter table whole replica identity full;
    create table other (id int primary key); create schema s; create table s.t (id int primary key, key text);
    create table s."Other Table" (id int primary key);
    create table parts (id int, key text, primary key (id)) partition by range (id);
    create table part_1 partition of parts for values from (1) to (100)`);
});
afterAll(() => database.drop());
afterEach(async () => {
  const rows = await database.query<{ name: string }>('select quote_ident(pubname) as name from pg_publication');
  for (const { name } of rows) await database.query(`drop publication ${name}`);
  await database.query('alter table whole replica identity full');
});

const check = (...removes: Removes): Promise<Finding[]> => {
  const postgres = openPostgres({ url: database.url, applicationName: 'rubicon test' });
  const removals = withValues({ removes });
  return postgres.withClient((client) => checkPublications(client, removals)).finally(() => postgres.close());
};

/** What a publication publishes, table by table, as subscribers see it. */
const published = () =>
  database
    .query<{ line: string }>(
      `select format('%s %s.%s (%s)%s', pubname, schemaname, tablename, array_to_string(attnames, ','), coalesce(' where ' || rowfilter, '')) as line
         from pg_publication_tables order by 1`,
    )
    .then((rows) => rows.map(({ line }) => line));

const key: Removes = [{ column: 't.key' }];
const all = 'id,key,note,Größe';

/** A publication, what goes, and all that is different in what is published once its remedy was followed. */
test.each(
  some<[string, Removes, { not: string[]; but: string[] }]>([
    ['for table t, other, s.t', key, { not: [`public.t (${all})`], but: ['public.t (id,note,Größe)'] }],
    ['for table t (id, key), other', key, { not: ['public.t (id,key)'], but: ['public.t (id)'] }],
    [
      'for table t where (id > 5), other where (id > 7)',
      key,
      { not: [`public.t (${all}) where (id > 5)`], but: ['public.t (id,note,Größe) where (id > 5)'] },
    ],
    [
      `for table t with (publish = 'insert')`,
      [{ column: 't.key' }, { column: 't.note' }],
      { not: [`public.t (${all})`], but: ['public.t (id,Größe)'] },
    ],
    ['for tables in schema s', [{ column: 's.t.key' }], { not: ['s.t (id,key)'], but: ['s.t (id)'] }],
    ['for tables in schema s, table t', [{ column: 's.t.key' }], { not: ['s.t (id,key)'], but: ['s.t (id)'] }],
    ['for tables in schema s, table s.t, other', [{ column: 's.t.key' }], { not: ['s.t (id,key)'], but: ['s.t (id)'] }],
    [
      'for all tables with (publish_via_partition_root = true)',
      key,
      { not: [`public.t (${all})`], but: ['public.t (id,note,Größe)'] },
    ],
    ['for all tables', key, { not: [`public.t (${all})`], but: ['public.t (id,note,Größe)'] }],
    [
      'for table whole, other',
      [{ column: 'whole.key' }],
      { not: ['public.whole (id,key)'], but: ['public.whole (id)'] },
    ],
    [
      'for table parts, other',
      [{ column: 'parts.key' }],
      { not: ['public.part_1 (id,key)'], but: ['public.part_1 (id)'] },
    ],
    [
      'for table parts, other',
      [{ column: 'part_1.key' }],
      { not: ['public.part_1 (id,key)'], but: ['public.part_1 (id)'] },
    ],
    [
      'for table part_1, t',
      [{ column: 'parts.key' }],
      { not: ['public.part_1 (id,key)'], but: ['public.part_1 (id)'] },
    ],
    [
      'for table parts with (publish_via_partition_root)',
      [{ column: 'part_1.key' }],
      { not: ['public.parts (id,key)'], but: ['public.parts (id)'] },
    ],
    ['for table t (id, note), other', key, { not: [], but: [] }],
    ['for table other', key, { not: [], but: [] }],
    // A whole table, and rows of it.
    ['for table t, other, s.t', [{ table: 't' }], { not: [`public.t (${all})`], but: [] }],
    ['for tables in schema s, table t', [{ table: 's.t' }], { not: ['s.t (id,key)'], but: [] }],
    ['for all tables', [{ table: 't' }], { not: [`public.t (${all})`], but: [] }],
    ['for table t (id, note), other', [{ table: 't', where: { note: 'a' } }], { not: ['public.t (id,note)'], but: [] }],
  ]),
)('%s, without %j: the remedy changes that alone', async (form, removes, { not, but }) => {
  await database.query(`create publication "Pub 1" ${form}; comment on publication "Pub 1" is 'of the team "data"'`);
  const before = await published();
  const stops = await check(...removes);
  expect(stops).toHaveLength(not.length === 0 ? 0 : 1);
  for (const stop of stops) {
    expect(stop).toMatchObject({ status: 'failed', check: expect.stringMatching(/^publication "Pub 1" of /) });
    await followRemedy(database, stop);
  }
  const after = await published();
  expect(await check(...removes)).toEqual([]);
  const named = (lines: string[]) => lines.map((line) => `Pub 1 ${line}`);
  expect(before.filter((line) => !after.includes(line))).toEqual(named(not));
  expect(after.filter((line) => !before.includes(line))).toEqual(named(but));
  await expect(
    database.query(
      `select obj_description(oid, 'pg_publication') as comment, pubinsert, pubviaroot from pg_publication`,
    ),
  ).resolves.toEqual([{ comment: 'of the team "data"', pubinsert: true, pubviaroot: /partition_root/.test(form) }]);
  // Whoever writes goes on writing: a list of columns lacks none by which subscribers find a row.
  await database.query(`insert into t values (1, 'a', 'b', 1); update t set note = 'c'; delete from t;
    insert into whole values (1, 'a'); update whole set key = 'c'; delete from whole;
    insert into parts values (1, 'a'); update parts set key = 'c'; delete from parts`);
});

test('a partition whose table is listed leaves the publication by being detached: a person decides about the subscribers', async () => {
  await database.query('create publication p for table parts');
  const [stop, ...others] = await check({ partition: 'part_1', of: 'parts' });
  expect(others).toEqual([]);
  expect(stop).toMatchObject({
    status: 'possible',
    found: 'it lists public.parts: its subscribers keep the rows of part_1, and are not told that they are gone',
    remedy: expect.stringMatching(
      /^read it: if it is harmless, accept it with the reason; otherwise remove these rows/,
    ),
  });
  expect(stop?.remedySql).toBeUndefined();
});

test.each<[string, Removes, RegExp]>([
  [
    'for table parts',
    [{ table: 'part_1' }],
    /it has the table through public\.parts: it is no more in it once it is detached/,
  ],
])('%s, without %j: no statement follows from the catalogue, so it is said in words', async (form, removes, remedy) => {
  await database.query(`create publication p ${form}`);
  const [stop, ...others] = await check(...removes);
  expect(others).toEqual([]);
  expect(stop?.remedySql).toBeUndefined();
  expect(stop?.remedy).toMatch(remedy);
  expect(stop?.remedy).not.toContain('set table');
});

test('a partitioned table among all of them keeps its other columns, by its partitions', async () => {
  await database.query('create publication p for all tables');
  const [stop] = await check({ column: 'parts.key' });
  await followRemedy(database, stop as Finding);
  expect(await published()).toContain('p public.part_1 (id)');
  expect(await check({ column: 'parts.key' })).toEqual([]);
});

test.each([
  ['no key', 'keyless'],
  ['a deferrable key', 'deferred'],
])('a table whose rows are found by all their columns, and that has %s, says so', async (_, table) => {
  await database.query(`create publication p for table ${table}`);
  const [stop] = await check({ column: `${table}.key` });
  expect(stop?.remedy).toMatch(/have a primary key made first \(.*; or take the whole table out of it/);
  await followRemedy(database, stop as Finding);
  expect(await check({ column: `${table}.key` })).toEqual([]);
  await database.query(`update ${table} set id = id`);
});

test('a filter that names the column only a person can write: until then the table can be taken out, and others stay', async () => {
  await database.query(`create publication p for table t where (key <> 'a'), other with (publish = 'insert')`);
  const [stop] = await check(...key);
  expect(stop?.remedy).toMatch(/its row filter names key: .*; or take the whole table out of it/);
  expect(stop?.remedy).toContain('"alter publication p drop table only public.t"');
  await followRemedy(database, stop as Finding);
  expect(await check(...key)).toEqual([]);
  expect(await published()).toEqual(['p public.other (id)']);
});

test.each(
  some<[string, Removes, string[], string[]]>(
    [
      [
        'for all tables',
        [{ column: 't.key' }, { column: 's.t.key' }],
        ['public.t (id,note,Größe)', 's.t (id)'],
        ['public.t', 's.t'],
      ],
      [
        'for table t, other, s.t',
        [{ column: 't.key' }, { column: 's.t.key' }],
        ['public.t (id,note,Größe)', 's.t (id)'],
        ['public.t', 's.t'],
      ],
      [
        'for tables in schema s, public',
        [{ column: 't.key' }, { column: 's.t.key' }],
        ['public.t (id,note,Größe)', 's.t (id)'],
        ['public.t', 's.t'],
      ],
      ['for all tables', [{ table: 't' }, { table: 's.t' }], [], ['public.t', 's.t']],
    ],
    2,
  ),
)(
  '%s, without %j: one finding for all of the plan, whose remedy leaves none of them',
  async (form, removes, are, of) => {
    await database.query(`create publication p ${form}`);
    const before = await published();
    const [stop, ...others] = await check(...removes);
    expect(others).toEqual([]);
    expect(stop?.check).toBe('publication p of t, s.t');
    await followRemedy(database, stop as Finding);
    expect(await check(...removes)).toEqual([]);
    const after = await published();
    const isOne = (line: string) => of.some((name) => line.startsWith(`p ${name} `));
    expect(after.filter(isOne)).toEqual(are.map((line) => `p ${line}`));
    expect(after.filter((line) => !isOne(line))).toEqual(before.filter((line) => !isOne(line)));
  },
);
