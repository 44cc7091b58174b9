import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import { closeRow, guardStatements, unguardStatements } from '../../sql/write-guard';
import type { Statement } from '../../sql/statement';
import { openSampleDatabase, samplePlan, type SampleDatabase } from '../support/stages/sample-database';

let database: SampleDatabase;
beforeEach(async () => {
  database = await openSampleDatabase('rubicon guard');
  await database.query('create schema if not exists rubicon');
  await database.query(closeRow);
  await database.query('delete from sessions');
});
afterEach(() => database.close());

const run = (statements: Statement[]) =>
  database.postgres.withClient((client) => withTransaction(client, {}, () => runStatements(client, statements)));

const placeholder = expect.stringMatching(/^!rubicon:no-key:[0-9a-f-]{36}$/);
const rows = () => database.query('select owner_api_key as key, owner_api_key_hash as hash, title from sessions');

/** Each of them, written under the guard, beside what it must be afterwards. */
const written: [string, string[], object][] = [
  [
    'a new row without a key',
    [`insert into sessions (title, owner_api_key_hash) values ('t', 'h')`],
    { key: placeholder },
  ],
  ['a public row', [`insert into sessions (title) values ('t')`], { key: null, hash: null }],
  [
    'a row with both, as the old release writes it',
    [`insert into sessions (title, owner_api_key, owner_api_key_hash) values ('t', 'k', 'h')`],
    { key: 'k', hash: 'h' },
  ],
  [
    'a public row that gets an owner',
    [`insert into sessions (title) values ('t')`, `update sessions set owner_api_key_hash = 'h'`],
    { key: placeholder, hash: 'h' },
  ],
  [
    'another owner beside the key of the old one',
    [
      `insert into sessions (title, owner_api_key, owner_api_key_hash) values ('t', 'k', 'h')`,
      `update sessions set owner_api_key_hash = 'h2'`,
    ],
    { key: placeholder, hash: 'h2' },
  ],
  [
    'a key taken away, by a session with the role of a replica',
    [
      `insert into sessions (title, owner_api_key, owner_api_key_hash) values ('t', 'k', 'h')`,
      'set session_replication_role = replica',
      'update sessions set owner_api_key = null',
    ],
    { key: placeholder, hash: 'h' },
  ],
  [
    'another value of the row',
    [
      `insert into sessions (title, owner_api_key, owner_api_key_hash) values ('t', 'k', 'h')`,
      `update sessions set title = 'u'`,
    ],
    { key: 'k', hash: 'h', title: 'u' },
  ],
];

test.each(written)('%s', async (_what, statements, expected) => {
  await run(guardStatements(samplePlan));
  await run(statements.map((sql) => ({ sql, why: '' })));
  await expect(rows()).resolves.toEqual([expect.objectContaining(expected)]);
});

test('it sees what the triggers of the application have made of the row', async () => {
  await database.query(`create function hash() returns trigger language plpgsql as
    'begin new.owner_api_key_hash := ''h''; return new; end'`);
  await database.query('create trigger hash before insert on sessions for each row execute function hash()');
  await run(guardStatements(samplePlan));
  await database.query(`insert into sessions (title) values ('t')`);
  await expect(rows()).resolves.toMatchObject([{ key: placeholder, hash: 'h' }]);
});

test('it can be made twice, and ends without a trace', async () => {
  await run([...guardStatements(samplePlan), ...guardStatements(samplePlan)]);
  await run([...unguardStatements(samplePlan), ...unguardStatements(samplePlan)]);
  await expect(database.query(`select tgname from pg_trigger where not tgisinternal`)).resolves.toEqual([]);
});
