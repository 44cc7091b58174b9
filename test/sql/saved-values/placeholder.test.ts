import { Client } from 'pg';
import { isPlaceholder, newPlaceholder, placeholderLength } from '../../../sql/saved-values/placeholder';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

let database: TestDatabase;
beforeAll(async () => (database = await createDatabase({ on: 'extended' })));
afterAll(() => database.drop());

const ours = '!rubicon:no-key:0b5b8f3e-6a3c-4a44-9f2a-2d0f6e5f0a11';

/** As SQL: the value, and whether it is a placeholder. */
const values: [string, boolean][] = [
  [newPlaceholder, true],
  [`'${ours}'`, true],
  [`'${ours}'::varchar(255)`, true],
  [`null::text`, false],
  [`''`, false],
  [`'!rubicon:no-key:'`, false],
  [`'!rubicon:no-key:of someone who writes so'`, false],
  [`'${ours} '`, false],
  [`E'${ours}\\n'`, false],
  [`E'x\\n${ours}'`, false],
  [`'${ours.toUpperCase()}'`, false],
  [`'${ours.replace('-4a44-', '-1a44-')}'`, false], // no uuid of chance: nothing of ours makes it
  [`'${ours.slice(0, -1)}'`, false],
];

test.each(values)('%s: a placeholder of ours? %s', async (value, expected) => {
  const [row] = await database.query(`select ${isPlaceholder(`(${value})`)} as yes`);
  expect(row).toEqual({ yes: expected });
});

test('a new one is another one each time, as long as is said', async () => {
  const [row] = await database.query(
    `select count(distinct p)::int as many, max(char_length(p)) as length from (select ${newPlaceholder} as p from generate_series(1, 9)) s`,
  );
  expect(row).toEqual({ many: 9, length: placeholderLength });
});

test('whatever collation the column has, also one that allows no patterns', async () => {
  await database.query(`create collation blind (provider = icu, locale = 'und-u-ks-level1', deterministic = false)`);
  await database.query('create table keys (nr int, key text collate blind)');
  await database.query(`insert into keys values (1, $1), (2, upper($1)), (3, 'a key'), (4, null)`, [ours]);
  await expect(database.query(`select from keys where starts_with(key, '!')`)).rejects.toMatchObject({ code: '0A000' });
  const rows = await database.query(`select nr from keys where ${isPlaceholder('key')}`);
  expect(rows).toEqual([{ nr: 1 }]);
});

test('whatever somebody has put before the functions of the server', async () => {
  await database.query(`create function public.starts_with(text, text) returns boolean language sql as 'select true'`);
  await database.query(`create function public.always(text, text) returns boolean language sql as 'select true'`);
  await database.query('create operator public.~ (function = public.always, leftarg = text, rightarg = text)');
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query('set search_path = public, pg_catalog');
    const { rows } = await client.query(
      `select 'a key'::text ~ 'x' as fooled, ${isPlaceholder(`'a key'`)} as yes, ${isPlaceholder(`'${ours}'`)} as ours`,
    );
    expect(rows).toEqual([{ fooled: true, yes: false, ours: true }]);
  } finally {
    await client.end();
  }
});
