import { freezeStatements, frozenState, refuseWrite } from '../../sql/freeze';
import { comparedSchema, comparedTypes, quoted } from '../support/inputs/compared-types';
import { createDatabase, type TestDatabase } from '../support/servers/servers';

// What the copy would not survive is refused, whatever the type takes for the same value.

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase({ on: 'extended' });
  for (const sql of ['create schema rubicon', refuseWrite, ...comparedSchema([])]) await database.query(sql);
});
afterAll(() => database.drop());

const run = async (...statements: string[]): Promise<void> => {
  for (const sql of statements) await database.query(sql);
};

const freeze = (table: string, column: string, primaryKey: string[]): Promise<void> =>
  run(
    ...freezeStatements({ removes: [{ column: `${table}.${column}`, primaryKey }] }, 'test', []).map(({ sql }) => sql),
  );

/** `taken`, or the SQLSTATE of its refusal. */
const outcome = (sql: string): Promise<string> =>
  database.query(sql).then(
    () => 'taken',
    (error: { code: string }) => error.code,
  );

/** Types whose equal values have other bytes; `stored`: of some the server keeps one form only. */
const spelled = Object.entries(comparedTypes).filter(([, { value, same }]) => [value, ...same].length > 1);
const oneForm = ['ranges', 'instants', 'padded', 'bits', 'days', 'moods', 'no_numbers', 'elsewhere'];

test('another spelling is a change of the value, and of the key beside it', async () => {
  for (const [table, { type, value, same }] of spelled) {
    const other = same.find((each) => each !== value) ?? value;
    await run(
      `create table ${table} (id int, what ${type}, value text, primary key (id))`,
      `insert into ${table} values (1, ${quoted(value)}, 'v'), (2, ${quoted(value)}, null)`,
    );
    await freeze(table, 'value', ['what']);
    const respell = (id: number): Promise<string> =>
      outcome(`update ${table} set what = ${quoted(other)} where id = ${id}`);
    const isSame = oneForm.includes(table);
    await expect(respell(1).then((is) => ({ table, is }))).resolves.toEqual({
      table,
      is: isSame ? 'taken' : frozenState,
    });
    await expect(respell(2)).resolves.toBe('taken'); // has no value that could be lost
    await run(`create table of_${table} (id int primary key, what ${type})`);
    await run(`insert into of_${table} values (1, ${quoted(value)})`);
    await freeze(`of_${table}`, 'what', ['id']);
    const change = `update of_${table} set what = ${quoted(other)}`;
    await expect(outcome(change).then((is) => ({ table, is }))).resolves.toEqual({
      table,
      is: isSame ? 'taken' : frozenState,
    });
    await expect(outcome(`update of_${table} set what = what, id = id`)).resolves.toBe('taken');
  }
});

test('neither the settings of the session that writes nor a type without an equality hide a change', async () => {
  await run(
    'create table odd (id float8 primary key, data json, at point, whole place, doc xml)',
    `insert into odd values (0.1, '{"a":1}', '(1,2)', row('a', null)::place, '<a/>')`,
  );
  for (const column of ['data', 'at', 'whole']) await freeze('odd', column, ['id']);
  const refused = [
    'set extra_float_digits = -15; update odd set id = 0.1000000000000001',
    `update odd set data = '{"a": 1}'`,
    `update odd set at = '(1,2.0000000001)'`, // the same to "=" of points
    `update odd set whole = row('a', 1)::place`,
    `update odd set whole = null`,
    `insert into odd (id, whole) values (2, row(null, null)::place)`,
  ];
  for (const sql of refused)
    await expect(outcome(sql).then((is) => ({ sql, is }))).resolves.toEqual({ sql, is: frozenState });
  await expect(outcome(`update odd set doc = '<b/>', data = data, at = at, whole = whole`)).resolves.toBe('taken');
});

test('nothing gets past it: upsert, merge, COPY, cascades, a move between partitions, another type', async () => {
  await run(
    'create table parents (login citext primary key)',
    `insert into parents values ('user7'), ('user8'), ('user9')`,
    'create table members (login citext references parents on update cascade on delete set null, nick text, place int, primary key (login, place)) partition by list (place)',
    'create table members_1 partition of members for values in (1)',
    'create table members_2 partition of members for values in (2)',
    `insert into members values ('user7', 'seven', 1), ('user8', null, 1)`,
  );
  await freeze('members', 'nick', ['login', 'place']);
  const refused = [
    `update members set login = 'User7' where login = 'user7'`,
    `update parents set login = 'USER7' where login = 'user7'`,
    `update members set place = 2 where login = 'user7'`,
    `insert into members values ('user7', 'x', 1) on conflict (login, place) do update set nick = 'y'`,
    `insert into members (login, place) values ('user7', 1) on conflict (login, place) do update set login = 'USER7'`,
    `merge into members using (values ('user7')) as n (login) on members.login = n.login::citext when matched then update set nick = 'm'`,
    `insert into members_2 values ('user9', 'direct', 2)`,
  ];
  for (const sql of refused)
    await expect(outcome(sql).then((is) => ({ sql, is }))).resolves.toEqual({ sql, is: frozenState });
  await expect(outcome('alter table members alter column nick type varchar(3)')).resolves.toBe('0A000');
  const allowed = [
    `update parents set login = 'USER8' where login = 'user8'`,
    `insert into members (login, place) values ('user9', 2)`,
    `delete from members where login = 'user9'`,
  ];
  for (const sql of allowed)
    await expect(outcome(sql).then((is) => ({ sql, is }))).resolves.toEqual({ sql, is: 'taken' });
});
