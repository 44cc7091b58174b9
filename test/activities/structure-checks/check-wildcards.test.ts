import { Client } from 'pg';
import { checkWildcards } from '../../../activities/structure-checks/check-wildcards';
import { openPostgres } from '../../../adapters/postgres/postgres';
import type { Finding } from '../../../contract/run/findings';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase({ on: 'extended' });
  await database.query(`create table users (id int primary key, key text, note text); create table events (id int);
    create schema other; create table other.users (id int)`);
});
afterAll(() => database.drop());

const check = (url = database.url): Promise<Finding[]> => {
  const postgres = openPostgres({ url, applicationName: 'rubicon test' });
  return postgres
    .withClient((client) => checkWildcards(client, { schema: 'public', table: 'users' }))
    .finally(() => postgres.close());
};

test('without the extension nothing can be seen, which is said', async () => {
  await database.query('drop extension if exists pg_stat_statements');
  await expect(check()).resolves.toMatchObject([
    {
      ...{ check: '"select *" from users', status: 'not covered' },
      found: 'not seen: no extension pg_stat_statements in this database',
    },
  ]);
});

/** What somebody has run, and what of it means all columns. */
test.each([
  ['select * from users where id = 1', 'select *'],
  ['select u.*, e.id from users u join events e on e.id = u.id', 'select *'],
  ['select to_jsonb(u) from public.users as u', 'select *'],
  ['with x as (select * from users) select id from x', 'select *'],
  [`update users set note = 'a' returning *`, 'select *'],
  ['delete from users returning *', 'select *'],
  ['table users', 'select *'],
  [`insert into users values (1, 'a', 'b') on conflict do nothing`, 'insert'],
  [`insert into users select id, 'a', 'b' from events`, 'insert'],
  [`insert into users (id, note) values (7, 'b') on conflict do nothing`, undefined],
  ['select id, note, count(*) from users group by 1, 2', undefined],
  ['select e.* from users u join events e on e.id = u.id', undefined],
  ['select * from other.users', undefined],
  ['select x.* from (select id from users) x', undefined],
])('%s: %s', async (sql, kind) => {
  await database.query('create extension if not exists pg_stat_statements');
  await database.query('select pg_stat_statements_reset()');
  await database.query(sql);
  const [selects, inserts] = await check();
  expect(selects).toMatchObject(
    kind === 'select *'
      ? { status: 'not covered', found: expect.stringMatching(/^1 statement in pg_stat_statements: queryid -?\d+$/) }
      : { status: 'passed' },
  );
  expect(inserts?.status).toBe(kind === 'insert' ? 'possible' : undefined);
});

test('a role that may not see what others run says so', async () => {
  const role = `looker_${database.name}`;
  await database.query(`create role ${role} login password 'planted'`);
  const url = Object.assign(new URL(database.url), { username: role, password: 'planted' }).href;
  const [selects] = await check(url);
  expect(selects).toMatchObject({
    status: 'not covered',
    found: 'not seen: statements of other roles, which this one may not see',
  });
  await database.query(`drop role ${role}`);
});

test('a client with a prepared "select *" gets 0A000 after hide, after it is put back, and after the drop; one that names columns never', async () => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const run = async (name: string, text: string): Promise<string> =>
    client.query({ name, text }).then(
      () => 'answered',
      (error: { code?: string }) => error.code ?? '?',
    );
  const all = () => run('all', 'select * from users');
  const named = () => run('named', 'select id, note from users');
  expect([await all(), await named()]).toEqual(['answered', 'answered']);
  await database.query('alter table users rename key to rubicon_hidden_key');
  expect([await all(), await all(), await named()]).toEqual(['0A000', '0A000', 'answered']); // until it prepares it again
  await database.query('alter table users rename rubicon_hidden_key to key');
  expect([await all(), await named()]).toEqual(['answered', 'answered']);
  await database.query('alter table users drop key');
  expect([await all(), await named()]).toEqual(['0A000', 'answered']);
  await client.query('deallocate all');
  await client.end();
});
