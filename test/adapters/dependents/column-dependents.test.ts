import { Client } from 'pg';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { findDependents } from '../../../adapters/dependents/column-dependents';
import type { PostgresServer } from '../../../dev/servers/postgres-server';
import { assistants, openSampleDatabase, sessions, type SampleDatabase } from '../../support/stages/sample-database';
import { startPostgres } from '../../support/servers/servers';

let database: SampleDatabase;
beforeAll(async () => (database = await openSampleDatabase('rubicon dependents')));
afterAll(() => database.close());

const find = (table: { schema: string; table: string }, column: string) =>
  database.postgres.withClient((client) => findDependents(client, table, column));

test('the sample columns have nothing but their indexes, which the capture holds', async () => {
  const index = {
    kind: 'index',
    effect: 'restored',
    whenRenamed: 'follows',
    why: expect.any(String),
    certainty: 'certain',
  };
  await expect(find(sessions, 'owner_api_key')).resolves.toMatchObject([
    { ...index, name: 'public.idx_sessions_owner_api_key' },
  ]);
  await expect(find(assistants, 'owner_api_key')).resolves.toMatchObject([
    { ...index, name: 'public.idx_assistants_owner_api_key' },
  ]);
});

interface Expected {
  kind: string;
  name: string;
  effect: string;
  whenRenamed?: string;
}

/**
 * Each kind on a table of its own, what is in its way, and who uses it: the server's answers to a real DROP, and to the
 * use after a real RENAME, must agree.
 */
const kinds: [string, string, Expected[], string | undefined][] = [
  [
    'a view',
    'create view v as select key from t',
    [{ kind: 'view', name: 'public.v', effect: 'refuses' }],
    `update v set key = 'written through it'`,
  ],
  [
    'a materialized view',
    'create materialized view m as select key from t',
    [{ kind: 'materialized view', name: 'public.m', effect: 'refuses' }],
    'refresh materialized view m',
  ],
  [
    'a rule',
    'create rule r as on update to t where new.key is null do also nothing',
    [{ kind: 'rule', name: 'r on public.t', effect: 'refuses' }],
    `update t set other = 'new'`,
  ],
  [
    'a trigger on the column',
    `create function f() returns trigger language plpgsql as 'begin return new; end';
     create trigger g before update of key on t for each row execute function f()`,
    [{ kind: 'trigger', name: 'g on public.t', effect: 'refuses' }],
    `update t set other = 'new'`,
  ],
  [
    'a trigger whose function names it',
    `create function f() returns trigger language plpgsql as 'begin NEW.Key := null; return new; end';
     create trigger g before update on t for each row execute function f()`,
    [{ kind: 'function', name: 'public.f()', effect: 'breaks', whenRenamed: 'breaks' }],
    `update t set other = 'new'`,
  ],
  [
    'a trigger whose arguments name it',
    `alter table t add words tsvector;
     create trigger g before insert or update on t for each row
       execute function tsvector_update_trigger('words', 'pg_catalog.simple', 'key')`,
    [{ kind: 'trigger', name: 'g on public.t', effect: 'breaks', whenRenamed: 'breaks' }],
    `update t set other = 'new'`,
  ],
  [
    'a policy',
    'create policy p on t using (key is null)',
    [{ kind: 'policy', name: 'p on public.t', effect: 'refuses' }],
    'select * from t',
  ],
  [
    'a generated column',
    'alter table t add g text generated always as (upper(key)) stored',
    [{ kind: 'generated column', name: 'for public.t.g', effect: 'refuses' }],
    `update t set other = 'new'`,
  ],
  [
    'a CHECK',
    'alter table t add constraint c check (key <> other)',
    [{ kind: 'table constraint', name: 'c on public.t', effect: 'restored' }],
    `update t set other = 'new'`,
  ],
  [
    'NOT NULL without a default',
    'alter table t alter key set not null',
    [{ kind: 'not null', name: 'public.t.key', effect: 'breaks', whenRenamed: 'breaks' }],
    'insert into t (id) values (3)',
  ],
  [
    'extended statistics',
    'create statistics s on key, other from t',
    [{ kind: 'statistics object', name: 'public.s', effect: 'restored' }],
    'analyze t',
  ],
  [
    'a function whose source names it',
    `create function f() returns bigint language sql as 'select count(key) from public.t'`,
    [{ kind: 'function', name: 'public.f()', effect: 'breaks', whenRenamed: 'breaks' }],
    'select f()',
  ],
  [
    'a function that the server parsed',
    'create function f() returns bigint language sql begin atomic select count(key) from t; end',
    [{ kind: 'function', name: 'public.f()', effect: 'refuses' }],
    'select f()',
  ],
  [
    'a unique constraint with a foreign key to it',
    `alter table t add constraint once unique (key);
     create table child (key text constraint to_t references t (key))`,
    [
      { kind: 'index', name: 'public.once', effect: 'restored' },
      { kind: 'table constraint', name: 'once on public.t', effect: 'restored' },
      { kind: 'table constraint', name: 'to_t on public.child', effect: 'refuses' },
    ],
    `insert into child values ('one')`,
  ],
  [
    'a child table',
    'create table child () inherits (t)',
    [{ kind: 'child table', name: 'public.child', effect: 'vanishes' }],
    `update t set other = 'new'`,
  ],
];

describe('leaning on a column', () => {
  afterEach(async () => {
    await database.query(`drop table if exists t cascade; drop function if exists f() cascade;
      drop table if exists child cascade`);
  });

  const works = (sql: string): Promise<boolean> =>
    database.query(sql).then(
      () => true,
      () => false,
    );

  test.each(kinds)('%s', async (_, sql, expected, use) => {
    await database.query(`create table t (id int primary key, key text, other text);
      insert into t values (1, 'one', 'first'); ${sql}`);
    const found = await find({ schema: 'public', table: 't' }, 'key');
    expect(
      found.map(({ kind, name, effect, whenRenamed, certainty }) => ({ kind, name, effect, whenRenamed, certainty })),
    ).toEqual(expected.map((each) => ({ whenRenamed: 'follows', certainty: 'certain', ...each })));

    if (use !== undefined) {
      await expect(works('alter table t rename key to hidden')).resolves.toBe(true);
      await expect(works(use)).resolves.toBe(expected.every(({ whenRenamed }) => whenRenamed === undefined));
      await database.query('alter table t rename hidden to key');
    }
    await expect(works('alter table t drop column key')).resolves.toBe(
      expected.every(({ effect }) => effect !== 'refuses'),
    );
  });

  test('a default, which fills it for whoever does not name it', async () => {
    await database.query(`create table t (id int, key text default 'none')`);
    await expect(find({ schema: 'public', table: 't' }, 'key')).resolves.toMatchObject([
      { kind: 'default value', name: 'for public.t.key', effect: 'restored', whenRenamed: 'breaks' },
    ]);
    await database.query('alter table t rename key to hidden; insert into t (id) values (1)');
    await expect(database.query('select hidden from t')).resolves.toEqual([{ hidden: 'none' }]);
  });

  test('a column of the partition key', async () => {
    await database.query('create table t (id int, key text) partition by list (key)');
    const found = await find({ schema: 'public', table: 't' }, 'key');
    expect(found).toMatchObject([{ kind: 'partition key', name: 'public.t', effect: 'refuses' }]);
    await expect(database.query('alter table t drop column key')).rejects.toThrow('part of the partition key');
  });

  test('an inherited column', async () => {
    await database.query('create table t (id int, key text); create table child () inherits (t)');
    await expect(find({ schema: 'public', table: 'child' }, 'key')).resolves.toMatchObject([
      { kind: 'inherited column', name: 'public.child.key', effect: 'refuses', whenRenamed: 'refuses' },
    ]);
    await expect(works('alter table child rename key to hidden')).resolves.toBe(false);
  });

  test('a column with an odd name does not confuse the search in sources', async () => {
    await database.query(`create table t ("a.b(" text);
      create function f() returns text language sql as $$ select 'axb' $$`);
    await expect(find({ schema: 'public', table: 't' }, 'a.b(')).resolves.toEqual([]);
    await database.query(`create or replace function f() returns text language sql as $$ select 'a.b(' $$`);
    await expect(find({ schema: 'public', table: 't' }, 'a.b(')).resolves.toMatchObject([{ name: 'public.f()' }]);
  });

  test('a subscription, which writes into the table what another server has', async () => {
    const server = await startPostgres({ name: 'PostgreSQL logical', settings: { wal_level: 'logical' } });
    try {
      const from = await openDatabase(server, 'publisher');
      const to = await openDatabase(server, 'subscriber');
      await from.query('create publication p for table t');
      await from.query(`select pg_create_logical_replication_slot('s', 'pgoutput')`); // on one server it has to be there
      const connection = server.urlOf({ database: 'publisher' });
      await to.query(`create subscription s connection '${connection}' publication p with (create_slot = false)`);
      const postgres = openPostgres({ url: server.urlOf({ database: 'subscriber' }), applicationName: 'subscriber' });
      await expect(
        postgres.withClient((client) => findDependents(client, { schema: 'public', table: 't' }, 'key')),
      ).resolves.toMatchObject([{ kind: 'subscription', name: 's', effect: 'breaks', whenRenamed: 'breaks' }]);
      await Promise.all([from.end(), to.end()]);
    } finally {
      await server.stop();
    }
  });
});

async function openDatabase(server: PostgresServer, database: string): Promise<Client> {
  const admin = new Client({ connectionString: server.url });
  await admin.connect();
  await admin.query(`create database ${database}`);
  await admin.end();
  const client = new Client({ connectionString: server.urlOf({ database }) });
  await client.connect();
  await client.query('create table t (id int primary key, key text)');
  return client;
}
