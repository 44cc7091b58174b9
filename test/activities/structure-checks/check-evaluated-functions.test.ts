import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkEvaluatedFunctions } from '../../../activities/structure-checks/check-evaluated-functions';
import { openPostgres } from '../../../adapters/postgres/postgres';
import type { Finding } from '../../../contract/run/findings';
import { followRemedy } from '../../support/looks/remedy';
import { some } from '../../support/inputs/some';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase({ on: 'extended' });
  await database.query(`create table words (id int primary key, word text); insert into words values (1, 'Größe'), (2, 'b');
    create schema apart;
    create function plain(text) returns text immutable language sql as $$ select lower($1) $$;
    create function apart.plain(text, int) returns text immutable language sql as $$ select lower($1) $$`);
});
afterEach(() => database.drop());

const check = (): Promise<Finding[]> => {
  const postgres = openPostgres({ url: database.url, applicationName: 'rubicon test' });
  return postgres.withClient(checkEvaluatedFunctions).finally(() => postgres.close());
};
const stops = async (): Promise<Finding[]> => (await check()).filter(({ status }) => status !== 'passed');

/** Whether the database comes back from its own dump. */
async function comesBack(): Promise<boolean> {
  const run = promisify(execFile);
  const { binFolder } = database.server;
  const file = join(tmpdir(), `${database.name}.dump`);
  const other = await createDatabase({ on: 'extended' });
  try {
    await run(`${binFolder}/pg_dump`, ['--format=custom', `--file=${file}`, database.url]);
    await run(`${binFolder}/pg_restore`, ['--exit-on-error', `--dbname=${other.url}`, file]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(file, { force: true });
    await other.drop();
  }
}

const f = (body: string, language = 'sql'): string =>
  `create function f(text) returns text immutable language ${language} as $$ ${body} $$`;
const inIndex = 'create index on words (f(word))';

/** What leans on the function, what of it is found, and the schemas in which it finds all that it names. */
test.each(
  some<[string, string, string, Finding['status'], string]>(
    [
      ['an index', f('select plain($1)'), inIndex, 'failed', 'public, pg_temp'],
      [
        'a predicate',
        f('select plain($1)'),
        `create index on words (id) where f(word) = 'b'`,
        'failed',
        'public, pg_temp',
      ],
      [
        'a generated column',
        f('select plain($1, 1)').replace('immutable', `immutable set extra_float_digits = 1 `),
        'alter table words add p text generated always as (f(word)) stored',
        'failed',
        'public, apart, pg_temp',
      ],
      [
        'a CHECK',
        f('select plain($1)'),
        `alter table words add constraint c check (f(word) <> 'x')`,
        'failed',
        'public, pg_temp',
      ],
      [
        'a domain',
        f('select plain($1)'),
        `create domain d as text check (f(value) <> 'x'); alter table words alter word type d`,
        'failed',
        'public, pg_temp',
      ],
      [
        'a materialized view',
        f('select plain($1)'),
        'create materialized view m as select f(word) from words',
        'failed',
        'public, pg_temp',
      ],
      [
        'an index by way of a function that the server has parsed',
        f('select plain($1)'),
        `create function g(text) returns text immutable language sql begin atomic select public.f($1); end; create index on words (g(word))`,
        'failed',
        'public, pg_temp',
      ],
      [
        'an index by way of a function that names it rightly',
        f('select plain($1)'),
        `create function g(text) returns text immutable language sql as 'select public.f($1)'; create index on words (g(word))`,
        'failed',
        'public, pg_temp',
      ],
      [
        'an operator',
        f('select plain($1)'),
        `create operator !! (function = f, rightarg = text); create index on words ((!! word))`,
        'failed',
        'public, pg_temp',
      ],
      [
        'an extension',
        f(`select unaccent('unaccent', $1)`),
        `create extension unaccent; ${inIndex}`,
        'failed',
        'public, pg_temp',
      ],
      ['PL/pgSQL', f('begin return plain($1); end', 'plpgsql'), inIndex, 'possible', 'public, pg_temp'],
    ],
    2,
  ),
)('%s on a function that names another one without its schema', async (kind, define, use, status, path) => {
  const parts = use.split(/; (?=create|alter)/);
  const first = parts.filter((part) => /^create (extension|text)/.test(part));
  for (const sql of [
    ...first,
    'set check_function_bodies = off; ' + define,
    ...parts.filter((part) => !first.includes(part)),
  ])
    await database.query(`set search_path = public, apart; ${sql}`);
  const [stop, ...others] = await stops();
  expect(others).toEqual([]);
  expect(stop).toMatchObject({
    check: 'function public.f(text) in a restoration',
    status,
    found: expect.stringMatching(/^used by (index|generated column|CHECK|materialized view) .*public/),
    remedySql: [expect.stringMatching(new RegExp(`^alter function public\\.f\\(text\\) set search_path = `))],
  });
  expect(stop?.remedySql?.[0]).toContain(path.split(', ')[0]);
  const isTried = ['an index', 'an extension', 'PL/pgSQL'].includes(kind);
  if (isTried) await expect(comesBack()).resolves.toBe(false);
  const { added, removed } = await followRemedy(database, stop as Finding);
  expect([added.join(' '), removed.join(' ')]).toEqual([
    expect.stringContaining('search_path'),
    expect.not.stringContaining('INDEX'),
  ]);
  await expect(stops()).resolves.toEqual([]);
  if (isTried) await expect(comesBack()).resolves.toBe(true);
});

test('functions that find what they name are passed', async () => {
  await database.query(`${f('select public.plain($1)')}; create index on words (f(word));
    create function h(text) returns text immutable language plpgsql as $$ declare t text := $1::varchar; begin
      if lower(t) in ('a') then return public.plain(t); end if; return coalesce(t, ''); end $$; create index on words (h(word));
    create function own(text) returns text immutable language sql set search_path = public as $$ select plain($1) $$;
    create index on words (own(word)); create function unused(text) returns text language sql as $$ select plain($1) $$`);
  await expect(check()).resolves.toMatchObject([{ check: 'functions in a restoration', status: 'passed' }]);
});

test('a function that names what no schema has is to be corrected, by nobody but a person', async () => {
  await database.query(
    `set check_function_bodies = off;
    create function f(text) returns text immutable language sql as $$ select nowhere($1) $$;
    create domain d as text check (f(value) <> 'x') not valid`.replace(' not valid', ''),
  );
  const [stop] = await stops();
  expect(stop).toMatchObject({
    status: 'failed',
    remedy: expect.stringMatching(/^no schema has all that it names: correct it/),
  });
  expect(stop?.remedySql).toBeUndefined();
});
