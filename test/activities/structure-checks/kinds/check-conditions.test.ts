import { checkRowsAre } from '../../../../activities/structure-checks/kinds/check-rows';
import { findDanglingReferences } from '../../../../activities/state/dangling-references';
import { openPostgres } from '../../../../adapters/postgres/postgres';
import type { PostgresClient } from '../../../../adapters/postgres/postgres';
import type { RowsRemoval } from '../../../../contract/plan/removal';
import { removalsOf } from '../../../../contract/plan/removals';
import { createDatabase, type TestDatabase } from '../../../support/servers/servers';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase({ on: 'extended' });
  for (const sql of [
    'create extension citext',
    'create table orders (id int primary key, name citext, day date, at timestamptz, n int, data json, said text)',
    `insert into orders values (1, 'acme', '2026-02-01', '2026-02-01', 1, '{}', 'today')`,
    'create table owners (name citext primary key)',
    'create table pets (owner citext references owners)',
    `insert into owners values ('Acme'), ('other')`,
    `insert into pets values ('ACME'), ('other')`,
  ])
    await database.query(sql);
});
afterAll(() => database.drop());

const asked = async <T>(work: (client: PostgresClient) => Promise<T>): Promise<T> => {
  const postgres = openPostgres({ url: database.url, applicationName: 'rubicon conditions' });
  return postgres.withClient(work).finally(() => postgres.close());
};

const rowsOf = (table: string, where: Record<string, string>): RowsRemoval =>
  removalsOf({ removes: [{ table, where }] })[0] as RowsRemoval;

const check = async (where: Record<string, string>) =>
  (await asked((client) => checkRowsAre(client, rowsOf('orders', where), false))).map(
    ({ status, found }) => `${status}: ${found}`,
  );

test('a value that is none of its type, or means another one tomorrow, is found before anything is counted', async () => {
  const compared = 'compared as public.citext, to which other spellings are the same value';
  await expect(check({ name: 'ACME', day: '2026-02-01', said: 'today' })).resolves.toEqual([
    'passed: compared as date',
    `passed: ${compared}`,
    'passed: compared as text',
    'passed: there',
  ]);
  await expect(check({ n: 'x' })).resolves.toEqual(['failed: a value that is no integer (22P02)']);
  await expect(check({ day: '01/02/2026' })).resolves.toEqual(['failed: a value that is no date (22008)']);
  await expect(check({ at: 'today 10:00' })).resolves.toEqual(['failed: a value that depends on when it is read']);
  await expect(check({ data: '{}' })).resolves.toEqual(['failed: type json, whose values the server can not compare']);
});

test('who points at a row that goes is found as the foreign key compares, whatever the search path is', async () => {
  const removal = rowsOf('owners', { name: 'acme' });
  const found = await asked(async (client) => {
    await client.query('set search_path = pg_catalog');
    return findDanglingReferences(client, removal, { beingRemoved: [removal] });
  });
  expect(found).toEqual([{ key: 'pets_owner_fkey of pets', count: 1 }]);
});
