import { digestRows } from '../../../adapters/dump/rows-digest';
import { readSequences } from '../../../adapters/dump/sequence-positions';
import { listTables } from '../../../adapters/rows/fingerprint';
import { openPostgres } from '../../../adapters/postgres/postgres';
import type { TableName } from '../../../adapters/postgres/sql-name';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

// Whatever differs between two moments of a copy is seen, and nothing else; of however many tables.

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const inDatabase = () => openPostgres({ url: database.url, applicationName: 'rubicon test digest' });
const digests = (tables?: TableName[]) =>
  inDatabase().withClient(async (client) => {
    const found = await digestRows(client, tables ?? (await listTables(client)));
    return new Map(found.map(({ table, ...digest }) => [table, digest]));
  });

test('of more tables than one statement takes each has its own digest, a large one and a partitioned one too', async () => {
  for (let n = 1; n <= 120; n += 1) await database.query(`create table "t ""${n}" (id serial, text text)`);
  for (const sql of [
    `insert into "t ""77" (text) values ('a')`,
    'create table large (id int, pad text)',
    'alter table large alter pad set storage plain',
    `insert into large select n, repeat('-', 2000) from generate_series(1, 5000) n`,
    'create table parts (id int) partition by list (id)',
    'create table parts_1 partition of parts for values in (1)',
    'insert into parts values (1), (1)',
    'create table nothing ()',
    'insert into nothing default values',
  ])
    await database.query(sql);
  const before = await digests();
  expect([...before.values()].filter(({ rowCount }) => rowCount > 0).map(({ rowCount }) => rowCount)).toEqual(
    expect.arrayContaining([1, 5000, 2, 1]),
  );
  expect([before.size, before.get('t "77')?.rowCount, before.get('large')?.rowCount]).toEqual([123, 1, 5000]);
  await database.query(`update "t ""120" set text = 'x'`);
  await database.query(`insert into "t ""120" (text) values ('x')`);
  await database.query('update large set id = -1 where id = 4999');
  const after = await digests();
  expect([...after].filter(([table, is]) => is.digest !== before.get(table)?.digest).map(([table]) => table)).toEqual([
    'large',
    't "120',
  ]);
  const sequences = await readSequences({ url: database.url, applicationName: 'rubicon test digest' });
  expect([
    sequences.size,
    sequences.get('"public"."t ""120_id_seq"'),
    sequences.get('"public"."t ""1_id_seq"'),
  ]).toEqual([
    120,
    { at: '1', usedBy: ['"public"."t ""120"'] },
    { at: '1 (not used yet)', usedBy: ['"public"."t ""1"'] },
  ]);
});

test.each([
  ['text', `'a '`, `'a'`],
  ['text', `''`, 'null'],
  ['char(3)', `'a'`, `'b'`],
  ['numeric', '1.0', '1.00'],
  ['float8', '0', `'-0'`],
  ['float8[]', '{1}', '{2}'],
  ['int[]', `'[0:0]={1}'`, `'{1}'`],
  ['jsonb', `'{"a": 1.0}'`, `'{"a": 1}'`],
  ['json', `'{"a":1}'`, `'{"a": 1}'`],
  ['timestamptz', `'2026-01-01 00:00:00.000001Z'`, `'2026-01-01Z'`],
  ['interval', `'1 day'`, `'24 hours'`],
  ['regclass', `'pg_class'`, `'pg_type'`],
])('a %s of %s is another one than of %s, wherever its column stands', async (type, one, other) => {
  const text = (value: string) => (/^[{]/.test(value) ? `'${value}'` : value);
  const make = async (columns: string, names: string, value: string) => {
    await database.query('drop table if exists odd');
    await database.query(`create table odd (${columns})`);
    await database.query(`insert into odd (${names}) values (7, ${text(value)}, 'last'), (8, null, 'first')`);
    return (await digests([{ schema: 'public', table: 'odd' }])).get('odd')?.digest;
  };
  const first = await make(`id int, value ${type}, z text`, 'id, value, z', one);
  expect(await make(`z text, value ${type}, id int`, 'id, value, z', one)).toBe(first);
  expect(await make(`id int, value ${type}, z text`, 'id, value, z', other)).not.toBe(first);
});
