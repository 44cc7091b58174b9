import { fingerprintTables, listTables, type TableFingerprint } from '../../../adapters/rows/fingerprint';
import { openPostgres, type PostgresClient } from '../../../adapters/postgres/postgres';
import { withTransaction } from '../../../adapters/postgres/transaction';
import { fillOddDatabase } from '../../support/stages/odd-database';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase({ template: { name: 'odd', fill: fillOddDatabase } });
});

const withClient = <T>(callback: (client: PostgresClient) => Promise<T>) =>
  openPostgres({ url: database.url, applicationName: 'test' }).withClient(callback);

const everything = { schema: 'public', table: 'everything' };

/** The fingerprint of a table as it is, and after statements that are rolled back. */
async function aroundChange(table: { schema: string; table: string }, ...statements: string[]) {
  return withClient(async (client) => {
    await client.query('begin');
    const [before] = await fingerprintTables(client, [table]);
    for (const statement of statements) await client.query(statement);
    const [after] = await fingerprintTables(client, [table]);
    await client.query('rollback');
    return { before: before as TableFingerprint, after: after as TableFingerprint };
  });
}

describe('a fingerprint', () => {
  it('counts the rows and is the same when taken again', async () => {
    const { before, after } = await aroundChange(everything);
    expect(before).toEqual({
      ...everything,
      rowCount: 8,
      rowsHash: expect.stringMatching(/^-?\d+$/),
      columnsSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(after).toEqual(before);
  });

  it('does not depend on the order in which rows are stored', async () => {
    const { before, after } = await aroundChange(
      { schema: 'public', table: 'keys' },
      'create temporary table copied on commit drop as select * from keys',
      'delete from referring',
      'delete from keys',
      'insert into keys select * from copied order by random()',
    );
    expect(after).toEqual(before);
  });

  it('does not depend on the settings of the session, and leaves them alone', async () => {
    const { before, after } = await aroundChange(
      everything,
      `set local datestyle = 'German, DMY'`,
      `set local timezone = 'Asia/Kathmandu'`,
      `set local intervalstyle = 'iso_8601'`,
      `set local bytea_output = 'escape'`,
      `set local extra_float_digits = -10`,
      `set local search_path = public`,
      `set local quote_all_identifiers = on`,
    );
    expect(after).toEqual(before);
    const shown = await withClient((client) =>
      withTransaction(client, {}, async () => {
        await client.query(`set local timezone = 'Asia/Kathmandu'`);
        await fingerprintTables(client, [everything]);
        return (await client.query(`select current_setting('timezone') as zone`)).rows;
      }),
    );
    expect(shown).toEqual([{ zone: 'Asia/Kathmandu' }]);
  });

  it.each([
    ['a text gains a trailing blank', `update everything set t = t || ' ' where id = 3`],
    ['null becomes the empty text', `update everything set t = '' where id = 1`],
    ['the empty text becomes null', `update everything set vc = null where id = 2`],
    ['a letter gets its other Unicode form', `update everything set t = U&'e\\0301' where t = 'é'`],
    ['the last bit of a double', `update everything set f8 = 0.1::float8 + 1.4e-17 where t = 'é'`],
    ['-0 becomes 0', `update everything set f8 = 0 where id = 3`],
    ['a number gets another scale', `update everything set num = 1.1 where num = 1.10`],
    ['NaN becomes null', `update everything set f8 = null where f8 = 'NaN'`],
    ['one byte of a bytea', `update everything set b = '\\x00ff5c23' where id = 3`],
    ['blanks inside a json', `update everything set j = '{"b": 1, "a": [null, 1.0]}' where id = 3`],
    ['a number inside a jsonb', `update everything set jb = '{"b": 1, "a": [null, 1.00]}' where id = 3`],
    ['a microsecond', `update everything set ts = ts + interval '1 microsecond' where id = 3`],
    ['a null in an array becomes text', `update everything set arr = '{"","NULL","a,b"}' where id = 3`],
    ['an interval of the same length', `update everything set iv = '29 days 00:00:00.000001' where id = 3`],
    ['a value moves to the next column', `update everything set t = '', vc = t where id = 3`],
    [
      'a row is doubled',
      `insert into everything (t, f4, f8, num, jb) overriding user value values ('ÄÖ 漢字 😀', 1, 1, 1, '[]')`,
    ],
    ['a row is lost', 'delete from everything where id = 8'],
    ['one of two like rows is lost, another one doubled', `update everything set id = 100 where id = 8`],
  ])('changes when %s', async (_what, statement) => {
    const { before, after } = await aroundChange(everything, statement);
    expect(after.rowsHash).not.toBe(before.rowsHash);
    expect(after.columnsSha256).toBe(before.columnsSha256);
  });

  it('stays when a value gets another form that a dump would not keep', async () => {
    const table = { schema: 'public', table: 'forms' };
    await database.query(`create table forms (id int, f8 float8, arr int[])`);
    await database.query(`insert into forms values (1, 'NaN', '{1,2}')`);
    const { before, after } = await aroundChange(
      table,
      `update forms set f8 = - 'NaN'::float8, arr = '{null,2}'`,
      'update forms set arr[1] = 1',
    );
    const { rows } = await withClient((client) =>
      client.query(`select float8send(- 'NaN'::float8) = float8send('NaN') as same`),
    );
    expect({ after, sameInBinary: rows }).toEqual({ after: before, sameInBinary: [{ same: false }] });
    await database.query('drop table forms');
  });

  it('changes when two rows swap a value, although each column holds the same values as before', async () => {
    const { before, after } = await aroundChange(
      { schema: 'public', table: 'keys' },
      `with two as (select id, lead(owner) over w as next, lag(owner) over w as previous
                      from (select distinct on (owner) id, owner from keys order by owner limit 2) as picked window w as (order by id))
       update keys set owner = coalesce(two.next, two.previous) from two where keys.id = two.id`,
    );
    expect(after.rowCount).toBe(before.rowCount);
    expect(after.rowsHash).not.toBe(before.rowsHash);
  });

  it('counts rows that are alike', async () => {
    const name = { schema: 'public', table: 'no columns' };
    const { before, after } = await aroundChange(name, 'insert into "no columns" default values');
    expect([before.rowCount, after.rowCount]).toEqual([1, 2]);
    expect(after.rowsHash).not.toBe(before.rowsHash);
  });

  it.each([
    ['a column is renamed', 'alter table everything rename column vc to vd'],
    ['a type is another one', 'alter table everything alter column vc type varchar(21)'],
    ['a column may be null', 'alter table keys alter column owner set not null'],
  ])('of the columns changes when %s', async (_what, statement) => {
    const table = { schema: 'public', table: statement.split(' ')[2] ?? '' };
    const { before, after } = await aroundChange(table, statement);
    expect(after.columnsSha256).not.toBe(before.columnsSha256);
  });

  it('does not believe what a cast of the table to text says', async () => {
    const { before, after } = await aroundChange(
      { schema: 'public', table: 'keys' },
      `create function always_alike(keys) returns text language sql immutable as $$ select 'alike' $$`,
      'create cast (keys as text) with function always_alike(keys)',
    );
    expect(after).toEqual(before);
  });

  it('sees a row of a partition as one of the whole table', async () => {
    const parted = { schema: 'public', table: 'parted' };
    const { before, after } = await aroundChange(parted, `update parted_rest set key = 'other' where id = 400`);
    expect(before.rowCount).toBe(400);
    expect(after.rowsHash).not.toBe(before.rowsHash);
  });

  it('leaves rows of inheriting tables to these', async () => {
    const { before } = await aroundChange({ schema: 'public', table: 'parent' });
    expect(before.rowCount).toBe(1);
  });

  it('counts zero rows of an empty table', async () => {
    const { before } = await aroundChange({ schema: 'public', table: 'empty' });
    expect(before.rowCount).toBe(0);
  });
});

describe('fingerprintTables', () => {
  it('refuses to look at a moving table', async () => {
    await expect(withClient((client) => fingerprintTables(client, [everything]))).rejects.toThrow(
      'expected an open transaction, found it idle',
    );
  });

  it('says which table is not there', async () => {
    const missing = { schema: 'public', table: 'gone"' };
    await expect(
      withClient((client) => withTransaction(client, {}, () => fingerprintTables(client, [missing]))),
    ).rejects.toThrow('expected the table "public"."gone""", found none of that name');
  });

  it('fails instead of counting less when row security hides rows', async () => {
    await database.query(`create role seesless login password 'x'`).catch(() => undefined);
    await database.query('grant usage on schema public to seesless; grant select on keys to seesless');
    await database.query('alter table keys enable row level security');
    const url = new URL(database.url);
    [url.username, url.password] = ['seesless', 'x'];
    const looking = openPostgres({ url: url.href, applicationName: 'test' }).withClient((client) =>
      withTransaction(client, {}, () => fingerprintTables(client, [{ schema: 'public', table: 'keys' }])),
    );
    await expect(looking).rejects.toThrow('row-level security');
  });
});

describe('listTables', () => {
  it('names every table with rows once, whatever it is called', async () => {
    const tables = await withClient(listTables);
    expect(tables.map(({ schema, table }) => `${schema} | ${table}`)).toEqual([
      `Odd "Schema" | Table, with 'quotes' and ümlaut`,
      ...['child', 'empty', 'everything', 'keys', 'no columns', 'parent', 'parted', 'referring', 'unlogged_one'].map(
        (table) => `public | ${table}`,
      ),
    ]);
  });
});
