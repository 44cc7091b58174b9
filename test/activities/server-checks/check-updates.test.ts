import { checkUpdates } from '../../../activities/server-checks/check-updates';
import { openPostgres } from '../../../adapters/postgres/postgres';
import type { Finding } from '../../../contract/run/findings';
import { followRemedy } from '../../support/looks/remedy';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

let database: TestDatabase;
beforeAll(async () => (database = await createDatabase()));
afterAll(() => database.drop());
beforeEach(() =>
  database.query(`drop schema if exists "O s" cascade; create schema "O s"; create table "O s"."Rev" (v text not null);
    create table "O s".t (id int primary key, v text); create unlogged table "O s".fast (id int, v text);
    create table "O s".parts (id int, v text) partition by list (id); create table "O s".part partition of "O s".parts default;
    insert into "O s"."Rev" values ('1'); insert into "O s".t values (1, 'a'); insert into "O s".part values (1, 'a')`),
);
afterEach(() => database.query('drop publication if exists p; drop publication if exists q'));

const look = (...tables: string[]): Promise<Finding[]> =>
  openPostgres({ url: database.url, applicationName: 'updates' }).withClient((client) =>
    checkUpdates(client, {
      removes: tables.map((table) => ({ column: `"O s".${table}.v`, primaryKey: ['id'] })),
      revision: { table: '"O s"."Rev"', column: 'v', from: '1', to: '2' } as never,
    }),
  );
const update = (table: string) => database.query(`update "O s".${table} set v = v`);

test.each<[string, string, string[], string[]]>([
  ['all tables', 'create publication p for all tables', ['"Rev"', 'part'], ['t', 'parts']],
  ['a schema', 'create publication p for tables in schema "O s"', ['"Rev"', 'part'], ['t', 'parts']],
  ['the table above', 'create publication p for table "O s".parts', ['part'], ['parts']],
  [
    'a list of columns, with the key switched off',
    'alter table "O s".t replica identity nothing; create publication p for table "O s".t (id)',
    ['t'],
    ['t'],
  ],
  [
    'a key that is checked at the end',
    'alter table "O s".t drop constraint t_pkey, add primary key (id) deferrable; create publication p for table "O s".t',
    ['t'],
    ['t'],
  ],
])(
  'what the server refuses to update is found, by a publication for %s, and is updated after the remedy',
  async (_, sql, refused, tables) => {
    await database.query(sql);
    for (const table of refused) await expect(update(table)).rejects.toThrow(/does not have a replica identity/);
    const found = await look(...tables);
    expect(found.map(({ check }) => check).sort()).toEqual(refused.map((table) => `updates of "O s".${table}`).sort());
    expect(found[0]).toMatchObject({
      status: 'failed',
      found: 'the server refuses it: publication p publishes updates, and the table has no replica identity',
    });
    for (const each of found) {
      const { added, removed } = await followRemedy(database, each);
      expect([...added, ...removed].filter((line) => !/ REPLICA IDENTITY (?:FULL|NOTHING);$/.test(line))).toEqual([]);
    }
    for (const table of refused) await update(table);
    await expect(look(...tables)).resolves.toEqual([]);
  },
);

test.each([
  ['publishes no updates', `create publication p for all tables with (publish = 'insert')`],
  ['has other tables', 'create publication p for table "O s".t'],
  ['has a table that can not be published', 'create publication p for table "O s".t; create publication q'],
])('a publication that %s refuses none', async (_, sql) => {
  await database.query(sql);
  for (const table of ['"Rev"', 't', 'fast', 'part']) await update(table);
  await expect(look('t', 'fast', 'parts')).resolves.toEqual([]);
});
