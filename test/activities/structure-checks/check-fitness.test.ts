import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { checkFitness } from '../../../activities/structure-checks/check-fitness';
import { obstacles, type Finding } from '../../../contract/run/findings';
import { removalsOf, type Removes } from '../../../contract/plan/removals';
import { definitions, followRemedy } from '../../support/looks/remedy';
import { some } from '../../support/inputs/some';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

let database: TestDatabase;
beforeAll(async () => (database = await createDatabase()));
afterAll(() => database.drop());

const check = (...removes: Removes): Promise<Finding[]> => checkIn(database.url, removes);
const checkIn = (url: string, removes: Removes): Promise<Finding[]> => {
  const postgres = openPostgres({ url, applicationName: 'rubicon test' });
  return postgres.withClient((client) => checkFitness(client, removalsOf({ removes }))).finally(() => postgres.close());
};
const run = promisify(execFile);

test.each(
  some<[string, string[], Removes[number], string]>(
    [
      ['a table', ['alter extension plpgsql add table public.owned'], { table: 'owned' }, 'table public.owned'],
      [
        'the table of a column',
        ['alter extension plpgsql add table public.owned'],
        { column: 'owned.name' },
        'table public.owned',
      ],
      [
        'the table of rows',
        ['alter extension plpgsql add table public.owned'],
        { table: 'owned', where: { name: 'a' } },
        'table public.owned',
      ],
      [
        'a sequence of a column',
        ['alter extension plpgsql add sequence public."owned_Id_seq"'],
        { table: 'owned' },
        'sequence public."owned_Id_seq"',
      ],
    ],
    2,
  ),
)('%s that belongs to an extension is found, and is no more after its remedy', async (_, sql, removal, name) => {
  await database.query('drop table if exists owned; create table owned ("Id" serial primary key, name text)');
  for (const statement of sql) await database.query(statement);
  const stops = obstacles(await check(removal));
  expect(stops).toEqual([
    {
      ...{ check: `owner of ${name}`, status: 'failed', expected: 'none but a role' },
      found: expect.stringMatching(/^it belongs to the extension plpgsql: no backup holds it/),
      remedy: expect.stringContaining(`"alter extension plpgsql drop ${name}"`),
      remedySql: [`alter extension plpgsql drop ${name}`],
    },
  ]);
  const { removed } = await followRemedy(database, stops[0] as Finding);
  expect(removed).toEqual([]); // what is added is the object itself, which a dump holds now
  expect(obstacles(await check(removal))).toEqual([]);
  await database.query('drop table owned');
});

test('a table (or a child of it) that has given away its column numbers is found, and has them again in a restored database', async () => {
  await database.query(`create table worn (id int primary key, note text not null default 'x', api_key varchar(256))`);
  await database.query(`create index on worn (api_key) where api_key is not null`);
  await database.query(`create function noted() returns trigger language plpgsql as 'begin return new; end'`);
  await database.query('create trigger noted before update on worn for each row execute function noted()');
  await database.query(`comment on column worn.api_key is 'planted'; create statistics worn_s on id, note from worn`);
  await database.query(`grant select on worn to pg_monitor; create publication of_worn for table worn`);
  await database.query(`insert into worn select n, 'note ' || n, 'key ' || n from generate_series(1, 50) n`);
  await wearOut('worn', 1_595);
  const removal = { column: 'worn.api_key' };
  // That it is in a publication is another finding.
  const numbers = (found: Finding[]) => obstacles(found).filter(({ check: of }) => of.startsWith('column numbers'));
  expect(numbers(await check(removal))).toEqual([]); // a rehearsal and a rollback
  expect(numbers(await check(removal, { column: 'worn.note' }))).toMatchObject([
    { check: 'column numbers of public.worn', expected: '4 of 1600 free, to add 2 again twice' },
  ]);
  await wearOut('worn', 1);
  expect(numbers(await check(removal))).toEqual([
    {
      ...{ check: 'column numbers of public.worn', status: 'failed', expected: '2 of 1600 free, to add 1 again twice' },
      found: '1: 3 columns are there, and 1596 dropped ones keep their numbers',
      remedy: expect.stringContaining('A dump of the whole database that is restored into a new one does'),
    },
  ]);
  await database.query(
    'create table parent (id int, note text, api_key varchar(256)); alter table worn inherit parent',
  );
  expect(numbers(await check({ column: 'parent.api_key' })).map((each) => each.check)).toEqual([
    'column numbers of public.worn', // of the child, which is older
  ]);
  const renewed = await createDatabase();
  await dumpAndRestore(database, renewed);
  expect(numbers(await checkIn(renewed.url, [removal]))).toEqual([]);
  const named = async (of: TestDatabase) => (await definitions(of)).map((line) => line.replace(of.name, 'DB'));
  expect(await named(renewed)).toEqual(await named(database));
  const rows = (of: TestDatabase) => of.query('select * from worn order by id');
  expect(await rows(renewed)).toEqual(await rows(database));
  await renewed.drop();
});

test('rows that may not fit into a page any more are told', async () => {
  const columns = Array.from({ length: 700 }, (_, index) => `c${index} bigint`).join(', ');
  await database.query(`create table wide (id int primary key, a text, ${columns})`);
  expect((await check({ column: 'wide.a' })).filter(({ check: name }) => name.startsWith('width'))).toMatchObject([
    { check: 'width of public.wide', status: 'not covered', found: expect.stringMatching(/^up to \d{5} bytes/) },
  ]);
});

/** What it does, and what is said of its source; undefined: it never runs on what a rollout does. */
test.each([
  ['', `raise notice 'changed';`, 'raises nothing'],
  ['', `perform pg_notify('schema', tg_tag);`, 'raises nothing'],
  ['', `raise exception 'not today';`, 'can raise an exception'],
  ['', `raise 'not today';`, 'can raise an exception'],
  [`when tag in ('ALTER TABLE', 'CREATE FUNCTION')`, 'raise;', 'can raise an exception'],
  [`when tag in ('CREATE FUNCTION')`, `raise exception 'no functions';`, undefined],
])('an event trigger %s with %s is for a person to judge', async (tags, body, says) => {
  await database.query(`create table if not exists watched (id int primary key, a text);
    create function watching() returns event_trigger language plpgsql as $$ begin ${body} end $$;
    create event trigger watcher on ddl_command_end ${tags} execute function watching()`);
  const stops = (await check({ column: 'watched.a' })).filter(({ status }) => status === 'possible');
  try {
    expect(stops).toMatchObject(
      says === undefined
        ? []
        : [
            {
              check: 'event trigger watcher',
              found: expect.stringContaining(says),
              evidence: { md5: expect.anything() },
            },
          ],
    );
    if (says === undefined) return;
    const { added, removed } = await followRemedy(database, stops[0] as Finding);
    expect([added, removed]).toEqual([['ALTER EVENT TRIGGER watcher DISABLE;'], []]);
    expect((await check({ column: 'watched.a' })).filter(({ status }) => status === 'possible')).toEqual([]);
  } finally {
    await database.query('drop event trigger watcher; drop function watching()');
  }
});

/** As years of migrations leave it. */
async function wearOut(table: string, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `worn_${index}`);
  await database.query(`alter table ${table} ${names.map((name) => `add ${name} bool`).join(', ')}`);
  await database.query(`alter table ${table} ${names.map((name) => `drop ${name}`).join(', ')}`);
}

/** The remedy to the letter. */
async function dumpAndRestore(from: TestDatabase, to: TestDatabase): Promise<void> {
  const { binFolder } = from.server;
  const file = join(tmpdir(), `${from.name}.dump`);
  await run(`${binFolder}/pg_dump`, ['--format=custom', `--file=${file}`, from.url]);
  await run(`${binFolder}/pg_restore`, [`--dbname=${to.url}`, file]);
  rmSync(file);
}
