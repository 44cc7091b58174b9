import { fillColumns } from '../../../activities/rollback/fill-columns';
import { openPostgres, type PostgresClient } from '../../../adapters/postgres/postgres';
import type { Plan } from '../../../contract/plan/plan';
import { createSavedValueTable } from '../../../sql/saved-values/known-keys';
import { loadGrammar } from '../../../sql/statements/grammar';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

// What two sessions fill together on a throw-away copy, and what the second one leaves to the first.

const plan: Pick<Plan, 'removes'> = { removes: [{ column: 'entries.v', replacedBy: 'hash' }] };
const rowCount = 30_000;

let database: TestDatabase;
beforeAll(async () => {
  await loadGrammar();
  database = await createDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  for (const sql of [
    'drop table if exists entries, audit',
    // wide rows that nobody has counted, so that there are more pages than one range has
    'create table entries (id int primary key, hash text not null, padding text, v text) with (autovacuum_enabled = false)',
    `insert into entries select n, 'hash ' || n % 100, repeat('x', 500) from generate_series(1, ${rowCount}) n`,
    'create table audit (id int)',
  ])
    await database.query(sql);
});

/** Two sessions that know the same values, and what each of them was told. */
async function fillTogether(): Promise<{ filled: number; told: [string[], string[]] }> {
  const told: [string[], string[]] = [[], []];
  const postgres = openPostgres({ url: database.url, applicationName: 'test' });
  const knowing = <T>(list: string[], work: (client: PostgresClient) => Promise<T>): Promise<T> =>
    postgres.withClient(async (client) => {
      await client.query(createSavedValueTable.sql);
      await client.query(
        `insert into rubicon_keys (hash, key) select 'hash ' || n, 'value ' || n from generate_series(0, 99) n`,
      );
      const query: PostgresClient['query'] = (sql, parameters) => (list.push(sql), client.query(sql, parameters));
      return work(Object.assign(Object.create(client) as PostgresClient, { query }));
    });
  try {
    const signal = new AbortController().signal;
    const filled = await knowing(told[0], (client) =>
      knowing(told[1], (second) => fillColumns({ client, signal }, plan, { second })),
    );
    return { filled, told };
  } finally {
    await postgres.close();
  }
}

const wrong = async (): Promise<unknown> =>
  database.query(`select count(*)::int from entries where v is distinct from replace(hash, 'hash', 'value')`);
const updates = (told: readonly string[]): number => told.filter((sql) => sql.startsWith('update only')).length;
const alters = (told: readonly string[]): number => told.filter((sql) => /^\s*alter/i.test(sql)).length;

test('each range is filled by whoever comes to it first', async () => {
  const { filled, told } = await fillTogether();
  expect(filled).toBe(rowCount);
  expect(await wrong()).toEqual([{ count: 0 }]);
  expect(told.map(updates)).toEqual([expect.any(Number), expect.any(Number)]);
  for (const each of told) expect(updates(each)).toBeGreaterThan(0);
});

test("a table of one range is the first session's, once the second was refused it", async () => {
  await database.query('analyze entries');
  await database.query('alter table entries add constraint c check (v is null) not valid');
  expect((await fillTogether()).filled).toBe(rowCount);
  expect(await wrong()).toEqual([{ count: 0 }]);
});

test('what refuses rows by now is passed by the first session alone', async () => {
  await database.query('alter table entries add constraint c check (v is null) not valid');
  const { filled, told } = await fillTogether();
  expect(filled).toBe(rowCount);
  expect(await wrong()).toEqual([{ count: 0 }]);
  expect(alters(told[0])).toBeGreaterThan(0);
  expect(alters(told[1])).toBe(0);
  expect(await database.query(`select convalidated as valid from pg_constraint where conname = 'c'`)).toEqual([
    { valid: false },
  ]);
});

test('triggers that fire always are silent all the same', async () => {
  for (const sql of [
    `create or replace function note() returns trigger language plpgsql as $$ begin insert into audit values (new.id); return new; end $$`,
    'create trigger noted after update on entries for each row execute function note()',
    'alter table entries enable always trigger noted',
  ])
    await database.query(sql);
  const { filled, told } = await fillTogether();
  expect(filled).toBe(rowCount);
  expect(await wrong()).toEqual([{ count: 0 }]);
  expect(await database.query('select count(*)::int from audit')).toEqual([{ count: 0 }]);
  expect(updates(told[1])).toBe(0);
});

test('an error that nobody can mend is thrown, and the second session is idle by then', async () => {
  for (const sql of [
    `create or replace function refuse(text) returns boolean language plpgsql immutable as $$ begin raise exception 'no' using errcode = '54000'; end $$`,
    'create index on entries (refuse(v)) where v is not null',
  ])
    await database.query(sql);
  await expect(fillTogether()).rejects.toMatchObject({ type: 'RefusedByServer' });
});
