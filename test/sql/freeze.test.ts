import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import { derivedName } from '../../sql/derived-name';
import { freezeStatements, frozenState, refuseWrite, unfreezeStatements } from '../../sql/freeze';
import { hideStatements, unhideStatements } from '../../sql/hide';
import type { Statement } from '../../sql/statement';
import { captureColumns } from '../support/looks/database-state';
import { openSampleDatabase, samplePlan, type SampleDatabase } from '../support/stages/sample-database';

let database: SampleDatabase;
beforeEach(async () => {
  database = await openSampleDatabase('rubicon freeze');
  await database.query('create schema if not exists rubicon');
  await database.query(refuseWrite);
  await database.query('delete from sessions');
  await database.query(
    `insert into sessions (title, owner_api_key, owner_api_key_hash) values ('keyed', 'k', 'h'), ('hashed', null, 'h2')`,
  );
});
afterEach(() => database.close());

const run = (statements: Statement[]) =>
  database.postgres.withClient((client) => withTransaction(client, {}, () => runStatements(client, statements)));
const freeze = () => run(freezeStatements(samplePlan, 'of a test', []));
const refused = { sqlstate: frozenState };

/** Column names of sessions at this moment: the same writes must be refused while it is hidden. */
const writes = (key: string): Record<string, string> => ({
  'a new row with a key': `insert into sessions (title, ${key}) values ('new', 'k')`,
  'a key for a row without one': `update sessions set ${key} = 'k2' where title = 'hashed'`,
  'another key': `update sessions set ${key} = 'k2' where title = 'keyed'`,
  'no key any more': `update sessions set ${key} = null where title = 'keyed'`,
  'another hash of a row with a key': `update sessions set owner_api_key_hash = 'h3' where title = 'keyed'`,
  'a copy of a row by "on conflict"':
    `insert into sessions (id, title) select id, title from sessions where title = 'keyed' ` +
    `on conflict (id) do update set ${key} = 'k3'`,
});

const allowed = [
  `insert into sessions (title, owner_api_key_hash) values ('by the new release', 'h4')`,
  `update sessions set title = 'keyed' where title = 'keyed'`,
  `update sessions set owner_api_key_hash = 'h5' where title = 'hashed'`,
  `delete from sessions where title = 'by the new release'`,
];

async function expectFrozen(key: string): Promise<void> {
  for (const [what, sql] of Object.entries(writes(key))) {
    const found = await database.postgres
      .withClient((client) => client.query(sql))
      .then(
        () => 'taken',
        (error: { sqlstate?: string }) => error.sqlstate,
      );
    expect({ what, found }).toEqual({ what, found: frozenState });
  }
  for (const sql of allowed) await database.query(sql);
}

test('what will die can be written no more, and everything else can; also while it is hidden', async () => {
  await freeze();
  await expectFrozen('owner_api_key');
  await run(hideStatements(samplePlan));
  await expectFrozen('rubicon_hidden_owner_api_key');
});

test('neither a trigger of the application nor a session with the role of a replica gets past it', async () => {
  await database.query(`create function sets_key() returns trigger language plpgsql as
    $$ begin new.owner_api_key := 'from a trigger'; return new; end $$`);
  await database.query('create trigger zz_last before insert on sessions for each row execute function sets_key()');
  await freeze();
  const insert = `insert into sessions (title, owner_api_key_hash) values ('new', 'h')`;
  await expect(database.postgres.withClient((client) => client.query(insert))).rejects.toMatchObject(refused);
  const asReplica = database.postgres.withClient(async (client) => {
    await client.query('set session_replication_role = replica');
    await client.query(`update sessions set owner_api_key = 'k9' where title = 'keyed'`);
  });
  await expect(asReplica).rejects.toMatchObject(refused);
});

test('put back, everything is as it was: structure, and what may be written', async () => {
  const before = await captureColumns(database);
  await freeze();
  await run(hideStatements(samplePlan));
  await expect(captureColumns(database)).resolves.toEqual([undefined, undefined]);
  await run([...unhideStatements(samplePlan), ...unfreezeStatements(samplePlan)]);
  await expect(captureColumns(database)).resolves.toEqual(before);
  await expect(database.query(`select tgname from pg_trigger where tgname like 'rubicon%'`)).resolves.toEqual([]);
  for (const sql of Object.values(writes('owner_api_key'))) await database.query(sql);
});

test('a long name is cut where the server would cut it, and stays a name of its own', () => {
  const long = 'ü'.repeat(40);
  const names = [derivedName('rubicon_hidden_', `${long}a`), derivedName('rubicon_hidden_', `${long}b`)];
  expect(names.map((name) => Buffer.byteLength(name) <= 63)).toEqual([true, true]);
  expect(new Set(names).size).toBe(2);
  expect(derivedName('rubicon_hidden_', 'owner_api_key')).toBe('rubicon_hidden_owner_api_key');
});
