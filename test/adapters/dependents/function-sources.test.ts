import { openPostgres, type Postgres } from '../../../adapters/postgres/postgres';
import { findMentioningFunctions } from '../../../adapters/dependents/function-sources';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

let database: TestDatabase;
let postgres: Postgres;
beforeAll(async () => {
  database = await createDatabase();
  postgres = openPostgres({ url: database.url, applicationName: 'rubicon test' });
  await database.query(`create table users (id int primary key, email text); create table events (id int, email text);
    create table plain (id int); create schema auth; create schema other; create table other.users (id int)`);
});
afterAll(async () => {
  await postgres.close();
  await database.drop();
});

const find = (column?: string) =>
  postgres.withClient((client) =>
    findMentioningFunctions(client, { schema: 'public', table: 'users', ...(column !== undefined && { column }) }),
  );

const sql = (body: string, parameters = ''): string =>
  `create function f(${parameters}) returns void language sql as $$ ${body} $$`;
const plpgsql = (body: string, declared = ''): string =>
  `create function f() returns void language plpgsql as $$ ${declared} begin ${body} end $$`;
const trigger = (body: string, on: string): string =>
  `create function f() returns trigger language plpgsql as $$ begin ${body} return new; end $$;
   create trigger g before update on ${on} for each row execute function f()`;

test('a table named like a comment of SQL is looked for like any other', async () => {
  await database.query('create table "-- dash" (id int)');
  await database.query(plpgsql('perform 1 from "-- dash";').replace('function f()', 'function dashed()'));
  const found = await postgres.withClient((client) =>
    findMentioningFunctions(client, { schema: 'public', table: '-- dash' }),
  );
  expect(found).toHaveLength(1);
  await database.query('drop function dashed(); drop table "-- dash"');
});

/** What a source says, and how sure it is that it means \`public.users.email\`. */
test.each([
  // Only a person can tell.
  [
    `create function f() returns text language sql as $$ select current_setting('request.jwt.claim.email', true) $$`,
    'possible',
  ],
  [sql('select email from (select 1 as email) x'), 'possible'],
  [plpgsql('select email from public.users, events;'), 'possible'],
  [sql('select e.email from users u join events e using (id)'), 'possible'],
  [sql('select id from users where id::text = email', 'email text'), 'possible'],
  [plpgsql(`execute 'update public.users set email = null';`), 'possible'],
  [plpgsql(`select id from users where email = 'a' into email;`, 'declare email text;'), 'possible'],
  [plpgsql('for r in select * from users loop perform r.email; end loop;', 'declare r record;'), 'possible'],
  [trigger('new.email := lower(new.email);', 'events'), 'possible'],
  [sql('select id as email from users'), 'possible'],
  // A statement about this table.
  [sql('select count(email) from users'), 'certain'],
  [sql('select count(email) from public.users where id > 0'), 'certain'],
  [sql('select u.email from users as u join events e using (id)'), 'certain'],
  [sql('insert into users (id, email) values (1, null)'), 'certain'],
  [sql(`update "users" set "email" = 'x'`), 'certain'],
  [plpgsql(`if exists (select from users where email is null) then raise 'none'; end if;`), 'certain'],
  [plpgsql(`select u.id from users u where u.email = email into email;`, 'declare email text;'), 'certain'],
  [trigger('NEW.email := lower(OLD.email);', 'users'), 'certain'],
  // Nothing of the kind.
  [sql('select 1 -- email\n /* email */'), undefined],
  [sql('select auth.email()'), undefined],
  [sql('select email from events'), undefined],
  [sql('select e.email from other.users u, events e'), undefined],
  [sql(`select 'emails', email_of_1 from (select 1 as email_of_1) x`), undefined],
  [sql('select count(id) from users'), undefined],
  ['create function f() returns bigint language sql begin atomic select count(email) from users; end', undefined],
])('%s: %s', async (definition, certainty) => {
  await database.query(`create or replace function auth.email() returns text language sql as 'select null::text'`);
  await database.query(definition);
  const found = await find('email');
  await database.query('drop function f cascade');
  expect(found.map((each) => each.certainty)).toEqual(certainty === undefined ? [] : [certainty]);
});

test.each([
  [sql('select count(*) from public.users'), 'certain'],
  [sql('select count(*) from users'), 'possible'], // or of other.users
  [sql('select count(*) from other.users'), undefined],
  [plpgsql(`execute 'truncate public.users';`), 'possible'],
  [plpgsql(`raise notice 'no users';`), 'possible'],
  [plpgsql('null; -- users\n'), undefined],
])('of the table itself: %s: %s', async (definition, certainty) => {
  await database.query(definition);
  const found = await find();
  await database.query('drop function f cascade');
  expect(found.map((each) => each.certainty)).toEqual(certainty === undefined ? [] : [certainty]);
});
