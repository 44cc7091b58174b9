import { captureColumn, findColumns } from '../../../adapters/catalogue/catalogue';
import { readSize } from '../../../adapters/server/size';
import { captureTables } from '../../../adapters/catalogue/structure';
import { withTransaction } from '../../../adapters/postgres/transaction';
import { assistants, openSampleDatabase, sessions, type SampleDatabase } from '../../support/stages/sample-database';

let database: SampleDatabase;
beforeAll(async () => (database = await openSampleDatabase('rubicon catalogue')));
afterAll(() => database.close());

const capture = (table: { schema: string; table: string }, column: string) =>
  database.postgres.withClient((client) => captureColumn(client, table, column));

test('a column is captured with its length, comment, grants and index', async () => {
  await expect(capture(sessions, 'owner_api_key')).resolves.toEqual({
    schema: 'public',
    table: 'sessions',
    owner: 'postgres',
    column: 'owner_api_key',
    type: 'character varying(255)',
    collation: null,
    notNull: false,
    default: null,
    generated: false,
    identity: null,
    statisticsTarget: null,
    storage: null,
    compression: null,
    options: [],
    comment: 'Plaintext key of the owner; superseded by owner_api_key_hash',
    grants: [{ grantee: 'agent_api_reports', privilege: 'update', grantable: false }],
    indexes: [
      {
        schema: 'public',
        name: 'idx_sessions_owner_api_key',
        definition: 'CREATE INDEX idx_sessions_owner_api_key ON public.sessions USING btree (owner_api_key)',
        columns: ['owner_api_key'],
        predicate: null,
        unique: false,
        valid: true,
        tablespace: null,
        comment: null,
        constraint: null,
        clustered: false,
        replicaIdentity: false,
      },
    ],
  });
});

test('the partial index and the other length of the other table are captured as they are', async () => {
  const captured = await capture(assistants, 'owner_api_key');
  expect(captured?.type).toBe('character varying(256)');
  expect(captured?.indexes).toMatchObject([
    {
      definition:
        'CREATE INDEX idx_assistants_owner_api_key ON public.assistants USING btree (owner_api_key) WHERE (owner_api_key IS NOT NULL)',
      predicate: '(owner_api_key IS NOT NULL)',
    },
  ]);
});

test('nothing that can be said of a column is lost', async () => {
  await database.query(`create schema "Odd"; create domain "Odd".label as text;
    create collation "Odd".german from "C";
    create table "Odd"."Table" (
      "Key" varchar(40) collate "Odd".german not null default 'it''s' constraint "once" unique,
      tag "Odd".label, other int);
    alter table "Odd"."Table" alter "Key" set storage external, alter "Key" set statistics 500,
      alter "Key" set (n_distinct = -0.5), alter "Key" set compression pglz;
    comment on column "Odd"."Table"."Key" is 'a \\ and a '' in it';
    grant select ("Key") on "Odd"."Table" to public;

    grant select ("Key") on "Odd"."Table" to agent_api_reports with grant option;
    create index by_expression on "Odd"."Table" (lower("Key"), other);
    create index by_predicate on "Odd"."Table" (other) where "Key" like 'a%';
    create index includes on "Odd"."Table" (other) include ("Key") with (fillfactor = 70);
    create index of_others on "Odd"."Table" (other, tag);
    comment on index "Odd".includes is 'covering';
    alter table "Odd"."Table" cluster on includes, replica identity using index "once"`);
  const captured = await capture({ schema: 'Odd', table: 'Table' }, 'Key');
  expect(captured).toMatchObject({
    type: 'character varying(40)',
    collation: '"Odd".german',
    notNull: true,
    default: "'it''s'::character varying",
    statisticsTarget: 500,
    storage: 'external',
    compression: 'pglz',
    options: ['n_distinct=-0.5'],
    comment: "a \\ and a ' in it",
    grants: [
      { grantee: 'agent_api_reports', privilege: 'select', grantable: true },
      { grantee: 'public', privilege: 'select', grantable: false },
    ],
  });
  expect(captured?.indexes).toMatchObject([
    { name: 'by_expression', columns: ['other', 'Key'] },
    { name: 'by_predicate', columns: ['other', 'Key'], predicate: `(("Key")::text ~~ 'a%'::text)` },
    { name: 'includes', columns: ['other', 'Key'], comment: 'covering', clustered: true },
    { name: 'once', unique: true, constraint: { name: 'once', definition: 'UNIQUE ("Key")' }, replicaIdentity: true },
  ]);
  await expect(capture({ schema: 'Odd', table: 'Table' }, 'tag')).resolves.toMatchObject({ type: '"Odd".label' });
});

test('an index that a failed attempt left is captured as not valid', async () => {
  await database.query(`insert into sessions (title, owner_api_key) values ('a', 'k'), ('b', 'k')`);
  await expect(
    database.query('create unique index concurrently left_over on sessions (owner_api_key)'),
  ).rejects.toThrow();
  const captured = await capture(sessions, 'owner_api_key');
  expect(captured?.indexes.find(({ name }) => name === 'left_over')).toMatchObject({ valid: false, unique: true });
  await database.query('drop index left_over; delete from sessions');
});

test('a capture is the same whatever the search path is, and leaves that as it was', async () => {
  const plain = await capture(sessions, 'owner_api_key');
  await database.postgres.withClient(async (client) => {
    await client.query('set search_path = "Odd", public');
    await expect(captureColumn(client, sessions, 'owner_api_key')).resolves.toEqual(plain);
    const path = await withTransaction(client, {}, async () => {
      await expect(captureColumn(client, sessions, 'owner_api_key')).resolves.toEqual(plain);
      return client.query('show search_path');
    });
    expect(path.rows).toEqual([{ search_path: '"Odd", public' }]);
    await expect(client.query('show search_path')).resolves.toMatchObject({ rows: path.rows });
  });
});

test.each([
  ['column', sessions, 'owner'],
  ['dropped column', sessions, 'gone'],
  ['system column', sessions, 'ctid'],
  ['table', { schema: 'public', table: 'missing' }, 'owner_api_key'],
  ['schema', { schema: 'missing', table: 'sessions' }, 'owner_api_key'],
])('of a missing %s there is no capture', async (kind, table, column) => {
  if (kind === 'dropped column')
    await database.query('alter table sessions add gone int; alter table sessions drop gone');
  await expect(capture(table, column)).resolves.toBeUndefined();
});

test('the columns of a table are listed; a missing table has none, not an empty list', async () => {
  await database.postgres.withClient(async (client) => {
    await expect(findColumns(client, { schema: 'public', table: 'alembic_version' })).resolves.toEqual(['version_num']);
    await expect(findColumns(client, { schema: 'public', table: 'missing' })).resolves.toBeUndefined();
  });
});

test('the structure of other tables is equal before and after, and not after a change', async () => {
  await database.postgres.withClient(async (client) => {
    const before = await captureTables(client);
    expect(before.map(({ table }) => table)).toEqual([
      'Table',
      'alembic_version',
      'assistants',
      'sessions',
      'usage_events',
    ]);
    await client.query(`insert into usage_events (kind, amount, happened_at) values ('call', 1, now())`);
    await expect(captureTables(client)).resolves.toEqual(before);
    await client.query('alter table usage_events alter amount type numeric(14, 4)');
    const after = await captureTables(client, [{ schema: 'public', table: 'usage_events' }]);
    expect(after).toHaveLength(1);
    expect(after[0]).not.toEqual(before[4]);
  });
});

test('the structure of a table is told in full', async () => {
  await database.query(`create table structure (id int primary key, other int default 7 check (other > 0));
    create function touch() returns trigger language plpgsql as 'begin return new; end';
    create trigger touched before update on structure for each row execute function touch();
    create policy own on structure for select using (id > 0)`);
  const [captured] = await database.postgres.withClient((client) =>
    captureTables(client, [{ schema: 'public', table: 'structure' }]),
  );
  expect(captured).toMatchObject({
    kind: 'table',
    owner: 'postgres',
    columns: [
      { name: 'id', type: 'integer', notNull: true },
      { name: 'other', type: 'integer', default: '7' },
    ],
    indexes: [{ name: 'structure_pkey', valid: true }],
    constraints: expect.arrayContaining([
      { name: 'structure_other_check', definition: 'CHECK ((other > 0))' },
      { name: 'structure_pkey', definition: 'PRIMARY KEY (id)' },
    ]),
    triggers: [{ name: 'touched', enabled: 'O', definition: expect.stringContaining('public.structure') }],
    policies: [{ name: 'own', definition: 'r (id > 0)' }],
  });
});

test('sizes are told; free space is not to be had, and said so', async () => {
  const size = await database.postgres.withClient((client) =>
    readSize(client, [sessions, { schema: 'a', table: 'b' }]),
  );
  expect(size).toEqual({
    databaseBytes: expect.any(Number),
    walBytes: expect.any(Number),
    freeBytes: null,
    tables: [
      {
        ...sessions,
        rowEstimate: expect.any(Number),
        heapBytes: expect.any(Number),
        indexBytes: expect.any(Number),
        totalBytes: expect.any(Number),
      },
    ],
  });
});
