import { comparedSchema, comparedTypes, quoted } from '../../support/inputs/compared-types';
import { openPostgres, type Postgres } from '../../../adapters/postgres/postgres';
import { useSystemNames } from '../../../adapters/postgres/search-path';
import { equalitiesOf } from '../../../activities/state/equalities';
import { removalsOf, removalsOfKind } from '../../../contract/plan/removals';
import { removedWhere } from '../../../sql/condition';
import { freezeStatements, freezeTriggers, frozenState, refuseWrite } from '../../../sql/freeze';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

// One meaning of a condition, whatever the session that asks has in its search path.

let database: TestDatabase;
let postgres: Postgres;
beforeAll(async () => {
  database = await createDatabase({ on: 'extended' });
  for (const sql of ['create schema rubicon', refuseWrite, ...comparedSchema()]) await database.query(sql);
  postgres = openPostgres({ url: database.url, applicationName: 'rubicon equalities' });
});
afterAll(async () => {
  await postgres.close();
  await database.drop();
});

const removes = Object.entries(comparedTypes).map(([table, { value }]) => ({ table, where: { what: value } }));
const removals = removalsOfKind({ removes }, 'rows');

/** By table: how many rows a session of ours finds that go. */
const count = (prepare?: string): Promise<Record<string, number>> =>
  postgres.withClient(async (client) => {
    if (prepare === undefined) await useSystemNames(client);
    else await client.query(prepare);
    const equalities = await equalitiesOf(client, removals);
    const counted: Record<string, number> = {};
    for (const removal of removals) {
      const { rows } = await client.query<{ n: number }>(
        `select count(*)::int as n from public.${removal.table} as t where ${removedWhere(removal, equalities, 't.')}`,
      );
      counted[removal.table] = rows[0]?.n ?? Number.NaN;
    }
    return counted;
  });

const expected = Object.fromEntries(Object.entries(comparedTypes).map(([table, { same }]) => [table, same.length]));

test('every session finds the rows that the application finds, for every type', async () => {
  for (const path of [undefined, 'set search_path = public, ext', `set search_path = ''`, 'set search_path = hostile'])
    await expect(count(path)).resolves.toEqual(expected);
});

test('an operator of somebody else is not taken for it', async () => {
  await database.query('create schema hostile');
  await database.query(`create function hostile.never(citext, citext) returns bool language sql as 'select false'`);
  await database.query(`create function hostile.never(numeric, numeric) returns bool language sql as 'select false'`);
  for (const type of ['citext', 'numeric'])
    await database.query(`create operator hostile.= (function = hostile.never, leftarg = ${type}, rightarg = ${type})`);
  await expect(count('set search_path = hostile, pg_catalog, public')).resolves.toEqual(expected);
});

test('the freeze refuses exactly these, from whatever session', async () => {
  await postgres.withClient(async (client) => {
    await useSystemNames(client);
    for (const { sql } of freezeStatements({ removes }, 'test', await equalitiesOf(client, removals)))
      await client.query(sql);
  });
  const outcomes: Record<string, unknown> = {};
  const wanted: Record<string, unknown> = {};
  for (const [table, { same, others }] of Object.entries(comparedTypes)) {
    const insert = (values: readonly string[]) =>
      Promise.all(values.map((value) => outcome(`insert into ${table} (what) values (${quoted(value)})`)));
    outcomes[table] = {
      same: await insert(same),
      others: await insert(others),
      delete: await outcome(`delete from ${table} where note = 'n'`),
    };
    wanted[table] = { same: same.map(() => frozenState), others: others.map(() => 'taken'), delete: frozenState };
  }
  expect(outcomes).toEqual(wanted);
  expect(freezeTriggers(removals[0]!)).toHaveLength(4);
});

const outcome = (sql: string): Promise<string> =>
  database.query(sql).then(
    () => 'taken',
    (error: { code: string }) => error.code,
  );

test('a type without an equality is said, and so is a column that is not there', async () => {
  await database.query('create table odd (id int primary key, data json, what int)');
  const of = (where: Record<string, string>) =>
    postgres.withClient((client) => equalitiesOf(client, removalsOf({ removes: [{ table: 'odd', where }] })));
  await expect(of({ what: '1', data: '{}' })).rejects.toThrow('type json, whose values the server can not compare');
  await expect(of({ gone: '1' })).rejects.toThrow('found no such column');
});
