import { Client } from 'pg';
import { checkIndex, checkIndexIs } from '../../../../activities/structure-checks/kinds/check-index';
import { openPostgres, type PostgresClient } from '../../../../adapters/postgres/postgres';
import type { IndexRemoval } from '../../../../contract/plan/removal';
import { createDatabase, type TestDatabase } from '../../../support/servers/servers';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  for (const sql of [
    'create table parents (id int primary key, code int not null, "Name" text, constraint one_name unique ("Name"))',
    'create unique index parents_code on parents (code)',
    'create unique index parents_code_too on parents (code)',
    'create unique index parents_rule on parents (id, code)',
    'alter table parents replica identity using index parents_code_too',
    'create table children (id int primary key, parent int references parents (id), at date, exclude using btree (id with =))',
    'create index children_parent on children (parent, at)',
    'create index children_at on children (at)',
    'create index children_at_too on children (at, parent)',
    'create table spans (id int not null, at date not null) partition by range (id)',
    'create table spans_1 partition of spans for values from (1) to (9)',
    'create index spans_at on spans (at)',
    'create materialized view seen as select * from children',
    'create index seen_at on seen (at)',
    'create index broken on children (id)',
    `update pg_index set indisvalid = false where indexrelid = 'broken'::regclass`,
  ])
    await database.query(sql);
});
afterAll(() => database.drop());

const index = (name: string): IndexRemoval => ({ kind: 'index', schema: 'public', index: name, keptBy: 'nothing' });

const looked = <T>(look: (client: PostgresClient) => Promise<T>): Promise<T> =>
  openPostgres({ url: database.url, applicationName: 'test' }).withClient(look);

const partOf = async (name: string, all = [index(name)]) =>
  (await looked((client) => checkIndex(client, index(name), all))).filter(({ check }) => check.startsWith('part of'));

test.each([
  ['parents_pkey', 'it carries out the primary key parents_pkey'],
  ['one_name', 'it carries out the unique constraint one_name'],
  ['spans_at', 'it has a part in each partition'],
  ['spans_1_at_idx', 'it is a part of public.spans_at'],
  ['seen_at', 'its table is a materialized view'],
  ['broken', 'it is invalid: its building has failed, and the server does not read it'],
  ['parents_code_too', 'logical replication finds rows by it'],
])('%s is more than an index: %s', async (name, found) => {
  expect(await partOf(name)).toEqual([expect.objectContaining({ status: 'failed', found })]);
});

test('a unique index is a rule, which no trial shows and nothing brings back for sure; unless another one holds it', async () => {
  expect(await partOf('parents_rule')).toEqual([
    expect.objectContaining({ status: 'failed', found: expect.stringMatching(/^it is unique: without it rows/) }),
  ]);
  const others = await partOf('parents_code');
  expect(others).toEqual([
    expect.objectContaining({ status: 'passed', found: 'unique, and public.parents_code_too holds the same rule' }),
  ]);
  const both = [index('parents_code'), index('parents_code_too')];
  expect(await partOf('parents_code', both)).toEqual([expect.objectContaining({ status: 'failed' })]);
});

test('the only one that serves a foreign key is asked about', async () => {
  const keys = async (name: string) =>
    (await looked((client) => checkIndex(client, index(name), [index(name)]))).filter(({ check }) =>
      check.startsWith('foreign key'),
    );
  expect(await keys('children_parent')).toEqual([
    expect.objectContaining({
      ...{ check: 'foreign key children_parent_fkey without index children_parent', status: 'possible' },
    }),
  ]);
  expect(await keys('children_at')).toEqual([]);
});

test('what was read of it is asked about, with how often; what nobody has read passes', async () => {
  const use = async () =>
    (await looked((client) => checkIndex(client, index('children_at'), []))).filter(({ check }) =>
      check.startsWith('use of'),
    );
  expect(await use()).toEqual([
    expect.objectContaining({ status: 'passed', found: expect.stringMatching(/^0 scans/) }),
  ]);
  const reader = new Client({ connectionString: database.url });
  await reader.connect();
  await reader.query('set enable_seqscan = off');
  await reader.query('drop index children_at_too');
  await reader.query(`select from children where at = '2020-01-01'`);
  await reader.end(); // which tells the server at once what it has read
  expect(await use()).toEqual([
    expect.objectContaining({ status: 'possible', found: expect.stringMatching(/^1 scan since/) }),
  ]);
});

test('one that is there, with its definition; one that is not; one that is still hidden', async () => {
  const is = (name: string, dropped = false) => looked((client) => checkIndexIs(client, index(name), dropped));
  expect(await is('children_at')).toEqual([
    expect.objectContaining({
      status: 'passed',
      found: expect.stringMatching(/of children: CREATE INDEX children_at ON/),
    }),
  ]);
  expect(await is('nowhere')).toEqual([expect.objectContaining({ status: 'failed', found: 'not there' })]);
  expect(await is('nowhere', true)).toEqual([expect.objectContaining({ status: 'passed' })]);
  await database.query('alter index children_parent rename to rubicon_hidden_children_parent');
  expect(await is('children_parent')).toEqual([
    expect.objectContaining({ status: 'failed', found: 'hidden as rubicon_hidden_children_parent' }),
  ]);
});
