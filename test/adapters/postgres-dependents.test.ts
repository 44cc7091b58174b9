import { findDependents } from '../../adapters/postgres-dependents';
import { assistants, openSampleDatabase, sessions, type SampleDatabase } from '../support/sample-database';

let database: SampleDatabase;
beforeAll(async () => (database = await openSampleDatabase('rubicon dependents')));
afterAll(() => database.close());

const find = (table: { schema: string; table: string }, column: string) =>
  database.postgres.withClient((client) => findDependents(client, table, column));

test('the sample columns have nothing but their indexes, which the capture holds', async () => {
  await expect(find(sessions, 'owner_api_key')).resolves.toEqual([
    { kind: 'index', name: 'public.idx_sessions_owner_api_key', effect: 'restored', why: expect.any(String) },
  ]);
  await expect(find(assistants, 'owner_api_key')).resolves.toEqual([
    { kind: 'index', name: 'public.idx_assistants_owner_api_key', effect: 'restored', why: expect.any(String) },
  ]);
});

/** Each kind on a table of its own, and what is in its way: the server's answer to a real DROP must agree. */
const kinds: [string, string, { kind: string; name: string; effect: string }[]][] = [
  ['a view', 'create view v as select key from t', [{ kind: 'view', name: 'public.v', effect: 'refuses' }]],
  [
    'a materialized view',
    'create materialized view m as select key from t',
    [{ kind: 'materialized view', name: 'public.m', effect: 'refuses' }],
  ],
  [
    'a rule',
    'create rule r as on update to t where new.key is null do also nothing',
    [{ kind: 'rule', name: 'r on public.t', effect: 'refuses' }],
  ],
  [
    'a trigger on the column',
    `create function f() returns trigger language plpgsql as 'begin return new; end';
     create trigger g before update of key on t for each row execute function f()`,
    [{ kind: 'trigger', name: 'g on public.t', effect: 'refuses' }],
  ],
  [
    'a policy',
    'create policy p on t using (key is null)',
    [{ kind: 'policy', name: 'p on public.t', effect: 'refuses' }],
  ],
  [
    'a generated column',
    'alter table t add g text generated always as (upper(key)) stored',
    [{ kind: 'generated column', name: 'for public.t.g', effect: 'refuses' }],
  ],
  [
    'a list of columns in a publication',
    'create publication u for table t (id, key)',
    [
      { kind: 'publication relation', name: 'public.t in publication u', effect: 'refuses' },
      { kind: 'publication', name: 'u', effect: 'breaks' },
    ],
  ],
  [
    'a publication of the whole table',
    'create publication u for table t',
    [{ kind: 'publication', name: 'u', effect: 'breaks' }],
  ],
  [
    'a CHECK',
    'alter table t add constraint c check (key <> other)',
    [{ kind: 'table constraint', name: 'c on public.t', effect: 'vanishes' }],
  ],
  [
    'NOT NULL without a default',
    'alter table t alter key set not null',
    [{ kind: 'not null', name: 'key', effect: 'breaks' }],
  ],
  [
    'extended statistics',
    'create statistics s on key, other from t',
    [{ kind: 'statistics object', name: 'public.s', effect: 'vanishes' }],
  ],
  [
    'a function whose source names it',
    `create function f() returns bigint language sql as 'select count(key) from public.t'`,
    [{ kind: 'function', name: 'public.f()', effect: 'breaks' }],
  ],
  [
    'a function that the server parsed',
    'create function f() returns bigint language sql begin atomic select count(key) from t; end',
    [{ kind: 'function', name: 'public.f()', effect: 'refuses' }],
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
  ],
  [
    'a default',
    `alter table t alter key set default 'none'`,
    [{ kind: 'default value', name: 'for public.t.key', effect: 'restored' }],
  ],
  [
    'a child table',
    'create table child () inherits (t)',
    [{ kind: 'child table', name: 'public.child', effect: 'vanishes' }],
  ],
];

describe('leaning on a column', () => {
  afterEach(async () => {
    await database.query(`drop table if exists t cascade; drop function if exists f() cascade;
      drop table if exists child cascade; drop publication if exists u`);
  });

  test.each(kinds)('%s', async (_, sql, expected) => {
    await database.query(`create table t (id int primary key, key text, other text); ${sql}`);
    const found = await find({ schema: 'public', table: 't' }, 'key');
    expect(found.map(({ kind, name, effect }) => ({ kind, name, effect }))).toEqual(expected);

    const refused = await database.query('alter table t drop column key').then(
      () => false,
      () => true,
    );
    expect(refused).toBe(expected.some(({ effect }) => effect === 'refuses'));
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
      { kind: 'inherited column', name: 'public.child.key', effect: 'refuses' },
    ]);
  });

  test('an event trigger that sees the change', async () => {
    await database.query(`create table t (key text);
      create function watching() returns event_trigger language plpgsql as 'begin end';
      create event trigger watcher on ddl_command_end execute function watching()`);
    const found = await find({ schema: 'public', table: 't' }, 'key');
    await database.query('drop event trigger watcher');
    expect(found).toMatchObject([{ kind: 'event trigger', name: 'watcher', effect: 'breaks' }]);
  });

  test('a column with an odd name does not confuse the search in sources', async () => {
    await database.query(`create table t ("a.b(" text);
      create function f() returns text language sql as $$ select 'axb' $$`);
    await expect(find({ schema: 'public', table: 't' }, 'a.b(')).resolves.toEqual([]);
  });
});
