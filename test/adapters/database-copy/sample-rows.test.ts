import { copySample, type CopiedSample, type SampleOf } from '../../../adapters/database-copy/sample-rows';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { withTransaction } from '../../../adapters/postgres/transaction';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

// What a sample points at comes along, however it is reached; no value leaves the server to find it.

let [from, to]: TestDatabase[] = [];
const schema = [
  `create table "Parents; odd" ("Id""" int primary key, boss int references "Parents; odd" deferrable)`,
  `create table events (id int, day date, parent int references "Parents; odd", twice int generated always as (id * 2) stored,
     primary key (id, day)) partition by range (day)`,
  `create table events_1 partition of events for values from ('2026-01-01') to ('2026-02-01')`,
  `create table events_2 partition of events default`,
];
const open = ({ url }: TestDatabase) => openPostgres({ url, applicationName: 'rubicon test sample' });

beforeAll(async () => {
  [from, to] = [await createDatabase(), await createDatabase()];
  for (const sql of schema) for (const each of [from, to]) await each.query(sql);
  await from.query(`insert into "Parents; odd" select n, nullif(n - 1, 0) from generate_series(1, 40) n`);
  await from.query(
    `insert into events select n, date '2026-01-20' + n % 30, case when n % 10 = 0 then n / 10 end from generate_series(1, 400) n`,
  );
  await to.query('alter table events disable trigger all'); // foreign keys hold in the end, in whatever order rows come
  await to.query('alter table "Parents; odd" disable trigger all');
});
afterAll(() => Promise.all([from?.drop(), to?.drop()]));

async function copy(samples: SampleOf[]): Promise<CopiedSample> {
  await to?.query('truncate events, "Parents; odd"');
  if (from === undefined || to === undefined) throw new Error('expected two databases');
  const target = open(to);
  return open(from).withClient((source) =>
    withTransaction(source, { isolation: 'repeatable read', readOnly: true }, () =>
      target.withClient((client) => copySample(source, client, samples)),
    ),
  );
}

const events = (where: string, rows: number): SampleOf => ({
  schema: 'public',
  table: 'events',
  some: [{ where, rows }],
});
const missing = `select from events e where parent is not null and not exists (select from "Parents; odd" p where p."Id""" = e.parent)
  union all select from "Parents; odd" p where boss is not null and not exists (select from "Parents; odd" b where b."Id""" = p.boss)`;

test('rows of several partitions, and the whole chain that one of them points at', async () => {
  await expect(copy([events('id = 400', 10), { ...events('id < 5', 3), table: 'events' }])).resolves.toEqual({
    ...{ rows: 44, tables: 2, short: [] }, // 1 and 3 events; 40 parents, one above the other
  });
  expect(await to?.query(missing)).toEqual([]);
  await expect(to?.query('select twice from events where id = 400')).resolves.toEqual([{ twice: 800 }]);
});

test('of a large table a share of the pages is looked at, and all of it, for a moment, where that has too little', async () => {
  await from?.query(`update pg_class set reltuples = 1e9 where relname in ('events_1', 'events_2')`);
  await expect(copy([events('id = 7', 5)])).resolves.toEqual({ rows: 1, tables: 1, short: [] });
  await expect(copy([events(`id = 7 and pg_sleep(0.05) is not null or pg_sleep(0.05) is null`, 5)])).resolves.toEqual({
    ...{ rows: expect.any(Number), tables: expect.any(Number) },
    short: ['rare rows of events, searched for only 3 s'],
  });
});
