import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import type { Dump } from '../../../adapters/dump/dump';
import type { TableFingerprint } from '../../../adapters/rows/fingerprint';
import { openPostgres, type PostgresSettings } from '../../../adapters/postgres/postgres';
import { sqlName, type TableName } from '../../../adapters/postgres/sql-name';
import { compareRestored, proveDump } from '../../../adapters/dump/prove-dump';
import { restoreDump } from '../../../adapters/dump/restore';
import { withRestoredDump } from '../../../adapters/dump/restored-dump';
import { withScratchPostgres, type Scratch } from '../../../adapters/scratch/scratch-postgres';
import { takeBackup } from '../../../adapters/dump/take-backup';
import { toolConnection } from '../../../adapters/postgres/tool-connection';
import { findPostgresFolder } from '../../../dev/servers/programs';
import { seal, unseal, writeAgeKeys, type AgeKeyFile } from '../../support/servers/age-keys';
import { changedBytes, places, truncations, type Damage } from '../../support/faults/damage';
import { fillOddDatabase } from '../../support/stages/odd-database';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

const toolsFolder = findPostgresFolder();
let folder: string;
let database: TestDatabase;
let dump: Dump;
let expected: TableFingerprint[];
let keys: AgeKeyFile;

/** One throw-away server for all tests that need none of their own. */
let shared: Scratch;
let endShared: () => void;
let sharing: Promise<unknown>;

beforeAll(async () => {
  folder = mkdtempSync('/var/tmp/rubicon-test-');
  chmodSync(folder, 0o755); // the throw-away servers are made in it
  database = await createDatabase({ template: { name: 'odd', fill: fillOddDatabase } });
  keys = await writeAgeKeys(folder);
  ({ dump, expected } = await backUp(database, 'backup.dump'));
  await new Promise<void>((started, failed) => {
    sharing = withScratchPostgres({ toolsFolder, folder }, (scratch) => {
      shared = scratch;
      started();
      return new Promise<void>((resolve) => (endShared = resolve));
    });
    sharing.catch(failed);
  });
});

afterAll(async () => {
  endShared();
  await sharing;
  rmSync(folder, { recursive: true });
});

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

const backUp = async (source: TestDatabase, name: string, tables?: TableName[]) => {
  const connection = { url: source.url, applicationName: 'test of the proof' };
  const order = { connection, file: path.join(folder, name), recipient: keys.recipient, tables, toolsFolder };
  const { dump, fingerprints } = await takeBackup(order);
  return { dump, expected: fingerprints };
};

const orderOf = (file: string, expectedSha256: string) => ({
  ...{ file, expectedSha256, identityFile: keys.identityFile, toolsFolder, folder },
});

const prove = (file: string, expectedSha256: string, fingerprints = expected) =>
  proveDump({ ...orderOf(file, expectedSha256), expected: fingerprints });

/** The same in the shared server. */
async function judge({ file, sha256: expectedSha256 }: { file: string; sha256: string }, fingerprints = expected) {
  const restoration = await restoreDump({ ...orderOf(file, expectedSha256), scratch: shared });
  if (!restoration.restored) return { restored: false, differences: [restoration.difference] };
  const { connection, missingExtensions } = restoration;
  const { differences } = await compareRestored(connection, { expected: fingerprints });
  return { restored: true, differences, missingExtensions, connection };
}

/** An encrypted file of a dump that was damaged before it was encrypted. */
const writeSealed = async (name: string, bytes: Buffer) => write(name, await seal(bytes, keys.recipient));

/** A file beside the backup; gone when the tests are. */
function write(name: string, bytes: Buffer): { file: string; sha256: string } {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  return { file, sha256: sha256(bytes) };
}

describe('a dump is proven', () => {
  it('when it restores with every value as it was, and the throw-away server is gone', async () => {
    const proof = await prove(dump.file, dump.sha256);
    expect(proof).toEqual({
      proven: true,
      differences: [],
      missingExtensions: [],
      tableCount: 10,
      rowCount: 974,
      tookMs: expect.any(Number),
      receipt: expect.objectContaining({ destroyed: true }),
    });
    expect(existsSync(proof.receipt?.folder ?? folder)).toBe(false);
  });

  it('while a table is in use by whoever makes its indexes: that one comes last, and waits for nobody', async () => {
    const [first] = expected.toReversed();
    await openPostgres({ url: database.url, applicationName: 'holder' }).withClient(async (holder) => {
      await holder.query('begin');
      await holder.query(`lock table ${sqlName(first!)} in access exclusive mode`);
      let lettingGo: Promise<unknown> | undefined;
      const onProgress = ({ tablesDone = 0 }) => {
        if (tablesDone === expected.length - 1) lettingGo ??= holder.query('rollback');
      };
      const reader = { url: database.url, applicationName: 'reader' };
      expect((await compareRestored(reader, { expected, onProgress })).differences).toEqual([]);
      expect(lettingGo).toBeDefined(); // all the others came first
      await lettingGo;
    });
  });

  it('only with the rows that are there in the end, though a function in an index has changed them by then', async () => {
    const source = await createDatabase();
    await source.query('create table log (id int primary key, word text); create table words (id int, word text)');
    await source.query(`create function forget(known text) returns void language plpgsql as $$
      begin delete from public.log where word = known; end $$`);
    await source.query(`create function note(word text) returns text immutable language plpgsql as $$
      begin
        if current_database() = 'rubicon_restored' then perform public.forget(word); end if;
        return lower(word);
      end $$`);
    await source.query('create index on words (note(word))');
    await source.query(`insert into log select n, 'w' || n from generate_series(1, 50) n`);
    await source.query(`insert into words values (1, 'w7')`);
    const { dump: odd, expected: fingerprints } = await backUp(source, 'odd.dump');
    const proof = await prove(odd.file, odd.sha256, fingerprints);
    expect(proof).toMatchObject({ proven: false, differences: [{ where: '"public"."log"', found: '49 rows' }] });
    await source.drop();
  });

  it('and not by a superuser: code that somebody has put into the database can start nothing here', async () => {
    const trace = path.join(folder, 'started');
    const source = await createDatabase();
    await source.query('create schema apart; create table apart.trap (id int primary key, word text)');
    await source.query(`create function apart.start() returns void language plpgsql as $$
      begin execute 'copy apart.trap from program ''touch ${trace}'''; end $$`);
    await source.query(`create function apart.harmless(word text) returns text immutable language plpgsql as $$
      begin
        if current_database() = 'rubicon_restored' then perform apart.start(); end if;
        return lower(word);
      end $$`);
    await source.query('create index on apart.trap (apart.harmless(word))');
    await source.query(`insert into apart.trap values (1, 'One')`);
    const { dump: trapped, expected: fingerprints } = await backUp(source, 'trapped.dump');
    const verdict = await judge(trapped, fingerprints);
    expect(verdict).toMatchObject({
      restored: false,
      differences: [
        {
          expected: 'an archive that a role without superuser restores without an error',
          found: expect.stringMatching(/permission denied|superuser/i),
        },
      ],
    });
    expect(existsSync(trace)).toBe(false);
    await source.query('drop index apart.trap_harmless_idx');
    const cleared = await backUp(source, 'cleared.dump');
    await expect(judge(cleared.dump, cleared.expected)).resolves.toMatchObject({ restored: true, differences: [] });
    await source.drop();
  });

  it('although it names roles, other servers and rights that nobody has here', async () => {
    const source = await createDatabase({ template: { name: 'odd', fill: fillOddDatabase } });
    await source.query(`create role stranger`).catch(() => undefined);
    await source.query('alter table keys owner to stranger');
    await source.query('grant select on parted to stranger');
    await source.query('create policy only_strangers on keys to stranger using (true)');
    await source.query('alter default privileges grant select on tables to stranger');
    await source.query('create publication everything_out for all tables');
    await source.query('create foreign data wrapper elsewhere');
    await source.query('create server other_server foreign data wrapper elsewhere');
    await source.query('create user mapping for stranger server other_server');
    await source.query('create foreign table remote (id int) server other_server');
    await source.query('create view over_there as select * from remote');
    const other = await backUp(source, 'roles.dump');
    expect(await judge(other.dump, other.expected)).toMatchObject({ differences: [], missingExtensions: [] });
    await source.drop();
  });

  it('although it needs an extension that this machine lacks, for other tables than the expected ones', async () => {
    const source = await createDatabase({ template: { name: 'odd', fill: fillOddDatabase } });
    await source.query(`create function made_up_value() returns text language sql as 'select 1::text'`);
    await source.query(`create table leaning (id int, value text default made_up_value())`);
    await source.query('insert into leaning values (1)');
    await source.query(`insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
      select 99999, 'made_up', nspowner, oid, true, '1' from pg_namespace where nspname = 'public'`);
    await source.query('alter extension made_up add function made_up_value()');
    const { dump: made, expected: all } = await backUp(source, 'extension.dump');
    const others = all.filter(({ table }) => table !== 'leaning');
    expect(await judge(made, others)).toMatchObject({ differences: [], missingExtensions: ['made_up'] });
    const differences = [{ where: '"public"."leaning"', expected: 'the table', found: 'no such table' }];
    expect(await judge(made, all)).toMatchObject({ differences });
    await source.drop();
  });

  it('of some tables without the rows of others, even of those that they refer to', async () => {
    const tables = [
      { schema: 'public', table: 'referring' },
      { schema: 'public', table: 'parted' },
    ];
    const some = await backUp(database, 'some.dump', tables);
    expect(await judge(some.dump, some.expected)).toMatchObject({ restored: true, differences: [] });
    expect((await judge(some.dump)).differences).toContainEqual({
      where: '"public"."keys"',
      expected: '500 rows',
      found: '0 rows',
    });
  });

  it.each(['LATIN1', 'SQL_ASCII'])('of a database in %s', async (encoding) => {
    const name = `proof_${encoding.toLowerCase()}`;
    await database.query(`drop database if exists ${name}`);
    await database.query(`create database ${name} template template0 encoding '${encoding}' locale 'C'`);
    const url = new URL(database.url);
    url.pathname = `/${name}`;
    const source = { ...database, url: url.href };
    await openPostgres({ url: url.href, applicationName: 'test' }).withClient((client) =>
      client.query(`create table coded as select convert_from('\\xe9'::bytea, 'SQL_ASCII') as t where getdatabaseencoding() = 'SQL_ASCII'
                    union all select 'é' where getdatabaseencoding() <> 'SQL_ASCII'`),
    );
    const coded = await backUp(source, `${name}.dump`);
    expect(coded.expected).toMatchObject([{ rowCount: 1 }]);
    expect(await judge(coded.dump, coded.expected)).toMatchObject({ restored: true, differences: [] });
    await database.query(`drop database ${name}`);
  });
});

test('rows that a CHECK or a domain refuses by now are restored and proven, and the constraints are as they were', async () => {
  const source = await createDatabase();
  for (const sql of [
    'create schema s',
    'create function s.today() returns date stable language sql as $$ select current_date $$',
    'create domain s.soon as date',
    'create table s.offers (id int primary key, ends date, day s.soon)',
    'create table s.parent (id int, at timestamptz)',
    'create table s.child () inherits (s.parent)',
    'create table s.days (id int, at date) partition by range (id)',
    'create table s.first_days partition of s.days for values from (0) to (10)',
    `insert into s.offers values (1, '2001-01-01', '2001-01-02')`,
    `insert into s.child values (1, '2001-01-01')`,
    `insert into s.days values (1, '2001-01-01')`,
    'alter domain s.soon add constraint ahead check (value > current_date - 100) not valid',
    `alter table s.offers add constraint open check (ends > s.today()) no inherit not valid,
       add constraint later check (ends > day) not valid`,
    'alter table s.child add constraint recent check (at > now()) not valid',
    'alter table s.parent add constraint recent check (at > now()) not valid',
    'alter table s.days add constraint ahead check (at > current_date) not valid',
    "update pg_constraint set convalidated = true where contype = 'c' and conname <> 'later'", // as time does it
  ])
    await source.query(sql);
  const { dump: own, expected: fingerprints } = await backUp(source, 'checks.dump');
  const judged = await judge(own, fingerprints);
  expect(judged).toMatchObject({ restored: true, differences: [] });
  const constraints = `select conrelid::regclass::text, contypid::regtype::text, conname::text, pg_get_constraintdef(oid) as definition,
      convalidated, conislocal, coninhcount::int from pg_constraint
     where contype = 'c' and connamespace = 's'::regnamespace order by 1, 2, 3`;
  const restored = openPostgres(judged.connection as PostgresSettings);
  const found = await restored.withClient((client) => client.query(constraints));
  expect(found.rows).toEqual(await source.query(constraints));
  await source.drop();
});

describe('a dump is not proven', () => {
  it('when it was damaged after its proof: nothing even reads it', async () => {
    const bytes = readFileSync(dump.file);
    bytes[bytes.length >> 1]! ^= 1;
    const damaged = write('damaged-later.dump', bytes);
    expect(await prove(damaged.file, dump.sha256)).toEqual({
      proven: false,
      differences: [
        {
          where: 'file',
          expected: `a file with sha256 ${dump.sha256}`,
          found: `sha256 ${damaged.sha256} (${bytes.length} bytes)`,
        },
      ],
      missingExtensions: [],
      tableCount: 0,
      rowCount: 0,
      tookMs: expect.any(Number),
    });
  });

  it.each([
    ['is gone', undefined, 'no such file'],
    ['has 0 bytes', Buffer.alloc(0), 'sha256 e3b0c442'],
    ['is something else', Buffer.from('PGDMP, or so it says'), 'sha256 '],
  ])('when the file %s', async (_what, bytes, found) => {
    const file = path.join(folder, 'other-file');
    rmSync(file, { force: true });
    if (bytes) writeFileSync(file, bytes);
    const proof = await prove(file, dump.sha256);
    expect(proof.proven).toBe(false);
    expect(proof.differences[0]?.found).toContain(found);
    expect(proof.receipt).toBeUndefined();
  });

  it.each([
    ['0 bytes', Buffer.alloc(0)],
    ['other bytes', Buffer.from('PGDMP, or so it says')],
  ])('when the dump itself brought forth %s', async (what, bytes) => {
    const proof = await judge(await writeSealed(`made-${what}`, bytes));
    expect(proof).toMatchObject({ restored: false });
    expect(proof.differences[0]).toMatchObject({
      where: 'archive',
      expected: 'an archive that restores without an error',
    });
  });

  it('when it is a good dump of another database', async () => {
    const source = await createDatabase({ template: { name: 'odd', fill: fillOddDatabase } });
    await source.query(`update keys set owner = 'someone else' where id = (select id from keys limit 1)`);
    await source.query('delete from parted where id = 1');
    await source.query('drop table "no columns"');
    const other = await backUp(source, 'other.dump');
    const proof = await prove(other.dump.file, other.dump.sha256);
    expect(proof.proven).toBe(false);
    expect(proof.differences).toEqual([
      { where: '"public"."keys"', expected: 'the same values in every row', found: 'at least one different value' },
      { where: '"public"."no columns"', expected: 'the table', found: 'no such table' },
      { where: '"public"."parted"', expected: '400 rows', found: '399 rows' },
    ]);
    await source.drop();
  });

  it('when the database itself holds what it would not take again; the message holds no value', async () => {
    const source = await createDatabase();
    await source.query(`create function fits(text) returns boolean language sql immutable as 'select true'`);
    await source.query('create table guarded (key text, fit boolean generated always as (fits(key)) stored)');
    await source.query(`insert into guarded (key) values ('sk-secret-value')`);
    await source.query(
      `create or replace function fits(text) returns boolean language sql immutable as 'select $1::int = 1'`,
    );
    const made = await backUp(source, 'guarded.dump');
    const { restored, differences } = await judge(made.dump, made.expected);
    expect(restored).toBe(false);
    expect(differences).toEqual([
      {
        where: 'archive',
        expected: 'an archive that restores without an error',
        found: `pg_restore: COPY failed for table "guarded": the server's text is withheld, since it can quote values`,
      },
    ]);
    await source.drop();
  });

  it('when nothing was expected of it', async () => {
    const { differences } = await judge(dump, []);
    expect(differences[0]?.expected).toBe('those of at least one table');
  });
});

function* damages(whole: Buffer): Generator<Damage> {
  yield* truncations(whole, [1, 60]);
  for (const lost of [1, 20]) yield [`without the last ${lost} bytes`, whole.subarray(0, whole.length - lost)];
  yield* changedBytes(whole, [0, 5, 7, 10, 11, ...places(whole.subarray(16), 4).map((place) => 16 + place)]);
}

describe('damage that got its own sha256', () => {
  it('is found by decrypting, before it does anything', async () => {
    for (const [what, bytes] of damages(readFileSync(dump.file))) {
      const { differences } = await judge(write('damaged.dump', bytes));
      const expected = 'a file that its identity decrypts, whole and unchanged';
      expect({ what, differences }).toEqual({
        what,
        differences: [{ where: 'file', expected, found: expect.stringMatching(/^age: /) }],
      });
    }
  }, 60_000);

  it('is not even looked at with the identity of another backup', async () => {
    const { identityFile } = await writeAgeKeys(mkdtempSync(path.join(folder, 'other-')));
    const outcome = await restoreDump({ ...orderOf(dump.file, dump.sha256), identityFile, scratch: shared });
    expect(outcome).toMatchObject({
      restored: false,
      difference: { found: expect.stringMatching(/no identity matched/) },
    });
  });
});

/** What was encrypted: compressed as a whole, or as older releases have it, by `pg_dump` itself. */
const encrypted: Record<string, () => Promise<Buffer>> = {
  compressed: () => unseal(dump.file, keys.identityFile),
  'not compressed': async () => brotliDecompressSync(await unseal(dump.file, keys.identityFile)),
  'of an older release': () => Promise.resolve(byOlderRelease()),
};

function byOlderRelease(): Buffer {
  const environment = toolConnection({ url: database.url, applicationName: 'test' }, 'test');
  return execFileSync(path.join(toolsFolder, 'pg_dump'), ['-Fc', '-Z1'], { env: environment, maxBuffer: 1 << 26 });
}

test.each(Object.keys(encrypted))('an archive %s is restored and proven', async (form) => {
  const bytes = (await encrypted[form]?.()) ?? Buffer.alloc(0);
  expect(await judge(await writeSealed('sound.dump', bytes))).toMatchObject({ restored: true, differences: [] });
});

describe('damage from before the encryption', () => {
  it.each(Object.keys(encrypted))(
    'of an archive %s is found by restoring and comparing, or has changed no row',
    async (form) => {
      const verdicts = { refused: 0, differing: 0, alike: 0 };
      const sound = await judge(dump);
      const rowsOfSound = sound.connection && rowsAsText(sound.connection);
      for (const [what, bytes] of damages((await encrypted[form]?.()) ?? Buffer.alloc(0))) {
        // That it could not be found out (the damage asks for more memory than there is) is not a proof either.
        const found = await judge(await writeSealed('damaged.dump', bytes)).catch(() => ({
          restored: false,
          differences: [],
        }));
        if (!found.restored) verdicts.refused += 1;
        else if (found.differences.length > 0) verdicts.differing += 1;
        else {
          // The archive says the same, or something that is not about rows; an independent witness tells.
          expect({ what, same: sound.connection && rowsAsText(sound.connection) === rowsOfSound }).toEqual({
            what,
            same: true,
          });
          verdicts.alike += 1;
        }
      }
      expect(verdicts.refused + verdicts.differing).toBeGreaterThan(7);
    },
    180_000,
  );

  function rowsAsText(connection: PostgresSettings): string {
    const environment = { ...process.env, ...toolConnection(connection, 'witness') };
    const text = execFileSync(path.join(toolsFolder, 'pg_dump'), ['--data-only', '--inserts'], {
      env: environment,
      encoding: 'utf8',
    });
    return text.replace(/^\\(?:un)?restrict .*$/gm, ''); // a random word
  }
});

describe('a restored dump', () => {
  it('gives back the keys by their hash', async () => {
    const order = orderOf(dump.file, dump.sha256);
    const outcome = await withRestoredDump(order, (connection) =>
      openPostgres(connection).withClient(async (client) => {
        const { rows } = await client.query<{ hash: string; key: string }>(
          'select distinct owner_hash as hash, owner as key from keys order by key',
        );
        return rows;
      }),
    );
    expect(outcome).toMatchObject({ restored: true, receipt: { destroyed: true } });
    const pairs = outcome.restored ? outcome.value : [];
    expect(pairs).toHaveLength(25);
    for (const { hash, key } of pairs) expect(hash).toBe(sha256(Buffer.from(key)));
  });

  it('is not even tried when the file is another one', async () => {
    const callback = jest.fn();
    const order = orderOf(dump.file, '0'.repeat(64));
    expect(await withRestoredDump(order, callback)).toMatchObject({
      restored: false,
      differences: [{ where: 'file' }],
    });
    expect(callback).not.toHaveBeenCalled();
  });
});

describe('a proof that cannot be made', () => {
  it('is an error, not a verdict: the programs are missing', async () => {
    const proving = proveDump({ ...orderOf(dump.file, dump.sha256), expected, toolsFolder: folder });
    await expect(proving).rejects.toThrow('expected the programs pg_dump, pg_restore, initdb, postgres');
  });

  it('is an error, not a verdict: it was cancelled', async () => {
    const cancel = new AbortController();
    const reason = new Error('cancelled by the test');
    const onProgress = () => cancel.abort(reason);
    const order = { ...orderOf(dump.file, dump.sha256), expected };
    await expect(proveDump({ ...order, signal: cancel.signal, onProgress })).rejects.toBe(reason);
  });
});
