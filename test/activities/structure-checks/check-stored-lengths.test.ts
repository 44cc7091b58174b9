import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { checkStoredLengths } from '../../../activities/structure-checks/check-stored-lengths';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { followRemedy } from '../../support/looks/remedy';
import { some } from '../../support/inputs/some';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

const run = promisify(execFile);

let database: TestDatabase;
let copy: TestDatabase;
beforeAll(async () => {
  [database, copy] = [await createDatabase(), await createDatabase()];
  await database.query('create schema "O s"');
});
beforeEach(() => copy.query('drop schema public cascade; create schema public; drop schema if exists "O s" cascade'));
afterEach(() => database.query('drop schema "O s" cascade; create schema "O s"'));
afterAll(async () => {
  await copy.drop();
  await database.drop();
});

const look = () =>
  openPostgres({ url: database.url, applicationName: 'stored lengths' }).withClient((client) =>
    checkStoredLengths(client),
  );

/** What the server says when a dump of it all is restored; undefined = nothing. */
async function restored(): Promise<string | undefined> {
  const { binFolder } = database.server;
  const file = `${copy.server.dataFolder}/lengths.dump`;
  await run(`${binFolder}/pg_dump`, ['-Fc', '-f', file, '-n', '"O s"', database.url]);
  return run(`${binFolder}/pg_restore`, ['-d', copy.url, file]).then(
    () => undefined,
    ({ stderr }: { stderr: string }) => stderr,
  );
}

const apart = `(select string_agg(md5(n::text), '') from generate_series(1, 400) n)`; // 12,800 bytes that don't shrink
const long = (column: string) => `alter table "O s"."T" alter "${column}" set storage plain`;

test.each(
  some<[string, string[]]>(
    [
      ['stored apart', [`insert into "O s"."T" values (1, ${apart})`]],
      ['compressed', [`insert into "O s"."T" values (1, repeat('x', 20000))`]],
      [
        'of several columns together',
        [
          'alter table "O s"."T" alter "W" set storage external',
          `insert into "O s"."T" select 1, left(v, 5000), left(v, 5000) from ${apart} as x(v)`,
          long('W'),
        ],
      ],
      [
        'of an array',
        [
          'alter table "O s"."T" add more text[]',
          `insert into "O s"."T" values (1, null, null, array[${apart}, null])`,
          long('more'),
        ],
      ],
      [
        'of a domain over bytes',
        [
          'create domain "O s".raw as bytea; alter table "O s"."T" add raw "O s".raw',
          `insert into "O s"."T" values (1, null, null, convert_to(${apart}, 'UTF8'))`,
          long('raw'),
        ],
      ],
    ],
    2,
  ),
)('a row whose values, %s, are longer than a page in storage plain is no row a backup brings back', async (_, sql) => {
  await database.query('create table "O s"."T" (id int primary key, "V" text, "W" text)');
  for (const each of [...sql, long('V')]) await database.query(each);
  await expect(restored()).resolves.toMatch(/row is too big/);
  const [stop, ...more] = await look();
  expect(more).toEqual([]);
  expect(stop).toMatchObject({
    check: 'stored lengths of "O s"."T"',
    status: 'failed',
    found: '1 longer one, written before that was chosen: no backup of them can be restored',
  });
  const { added, removed } = await followRemedy(database, stop!);
  expect(added).toEqual([]);
  for (const line of removed) expect(line).toMatch(/ SET STORAGE PLAIN;$/);
  await expect(look()).resolves.toEqual([]);
  await copy.query('drop schema if exists "O s" cascade');
  await expect(restored()).resolves.toBeUndefined();
});

test('a partition and a materialized view are looked at by themselves', async () => {
  await database.query(`create table "O s"."T" (id int, "V" text) partition by list (id);
    create table "O s".part partition of "O s"."T" default; insert into "O s"."T" values (1, ${apart});
    alter table only "O s".part alter "V" set storage plain;
    create materialized view "O s".seen as select * from "O s"."T"; alter materialized view "O s".seen alter "V" set storage plain`);
  const found = await look();
  expect(found.map(({ check }) => check)).toEqual(['stored lengths of "O s".part', 'stored lengths of "O s".seen']);
  for (const each of found) await followRemedy(database, each);
  await expect(look()).resolves.toEqual([]);
});

test('rows that fit, and types that are never stored apart, are none', async () => {
  await database.query('create table "O s"."T" (id int primary key, "V" text, own oidvector)');
  await database.query(long('V'));
  await database.query(`insert into "O s"."T" values (1, left(${apart}, 8100)), (2, null), (3, '')`);
  await expect(look()).resolves.toEqual([]);
  await expect(restored()).resolves.toBeUndefined();
});
