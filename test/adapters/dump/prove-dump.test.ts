import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Dump } from '../../../adapters/dump/dump';
import type { TableFingerprint } from '../../../adapters/rows/fingerprint';
import { openPostgres, type PostgresSettings } from '../../../adapters/postgres/postgres';
import { sqlName } from '../../../adapters/postgres/sql-name';
import { compareRestored, proveDump } from '../../../adapters/dump/prove-dump';
import { restoreDump } from '../../../adapters/dump/restore';
import { withRestoredDump } from '../../../adapters/dump/restored-dump';
import { writeAgeKeys } from '../../support/servers/age-keys';
import { archiveForms, archiveOf, damages, judgeDamages } from '../../support/faults/damaged-archives';
import { openProofStage, sha256, type ProofStage } from '../../support/stages/proof-stage';
import { fillOddDatabase } from '../../support/stages/odd-database';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

let at: ProofStage;
let folder: string;
let database: TestDatabase;
let dump: Dump;
let expected: TableFingerprint[];
beforeAll(async () => {
  at = await openProofStage();
  ({ folder, database, dump, expected } = at);
});
afterAll(() => at.close());

const prove = (file: string, expectedSha256: string, fingerprints = expected) =>
  proveDump({ ...at.orderOf(file, expectedSha256), expected: fingerprints });

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
    const { dump: odd, expected: fingerprints } = await at.backUp(source, 'odd.dump');
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
    const { dump: trapped, expected: fingerprints } = await at.backUp(source, 'trapped.dump');
    const verdict = await at.judge(trapped, fingerprints);
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
    const cleared = await at.backUp(source, 'cleared.dump');
    await expect(at.judge(cleared.dump, cleared.expected)).resolves.toMatchObject({ restored: true, differences: [] });
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
    const other = await at.backUp(source, 'roles.dump');
    expect(await at.judge(other.dump, other.expected)).toMatchObject({ differences: [], missingExtensions: [] });
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
    const { dump: made, expected: all } = await at.backUp(source, 'extension.dump');
    const others = all.filter(({ table }) => table !== 'leaning');
    expect(await at.judge(made, others)).toMatchObject({ differences: [], missingExtensions: ['made_up'] });
    const differences = [{ where: '"public"."leaning"', expected: 'the table', found: 'no such table' }];
    expect(await at.judge(made, all)).toMatchObject({ differences });
    await source.drop();
  });

  it('of some tables without the rows of others, even of those that they refer to', async () => {
    const tables = [
      { schema: 'public', table: 'referring' },
      { schema: 'public', table: 'parted' },
    ];
    const some = await at.backUp(database, 'some.dump', tables);
    expect(await at.judge(some.dump, some.expected)).toMatchObject({ restored: true, differences: [] });
    expect((await at.judge(some.dump)).differences).toContainEqual({
      where: '"public"."keys"',
      expected: '500 rows',
      found: '0 rows',
    });
  });

  it('of a database in another encoding', async () => {
    const encoding = 'LATIN1';
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
    const coded = await at.backUp(source, `${name}.dump`);
    expect(coded.expected).toMatchObject([{ rowCount: 1 }]);
    expect(await at.judge(coded.dump, coded.expected)).toMatchObject({ restored: true, differences: [] });
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
  const { dump: own, expected: fingerprints } = await at.backUp(source, 'checks.dump');
  const judged = await at.judge(own, fingerprints);
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
    const damaged = at.write('damaged-later.dump', bytes);
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
    const proof = await at.judge(await at.writeSealed(`made-${what}`, bytes));
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
    const other = await at.backUp(source, 'other.dump');
    const proof = await at.judge(other.dump);
    expect(proof.restored).toBe(true);
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
    const made = await at.backUp(source, 'guarded.dump');
    const { restored, differences } = await at.judge(made.dump, made.expected);
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
    const { differences } = await at.judge(dump, []);
    expect(differences[0]?.expected).toBe('those of at least one table');
  });
});

describe('damage that got its own sha256', () => {
  it('is found by decrypting, before it does anything', async () => {
    for (const [what, bytes] of damages(readFileSync(dump.file))) {
      const { differences } = await at.judge(at.write('damaged.dump', bytes));
      const expected = 'a file that its identity decrypts, whole and unchanged';
      expect({ what, differences }).toEqual({
        what,
        differences: [{ where: 'file', expected, found: expect.stringMatching(/^age: /) }],
      });
    }
  }, 60_000);

  it('is not even looked at with the identity of another backup', async () => {
    const { identityFile } = await writeAgeKeys(mkdtempSync(path.join(folder, 'other-')));
    const outcome = await restoreDump({ ...at.orderOf(dump.file, dump.sha256), identityFile, scratch: at.scratch });
    expect(outcome).toMatchObject({
      restored: false,
      difference: { found: expect.stringMatching(/no identity matched/) },
    });
  });
});

test.each(archiveForms)('an archive %s is restored and proven', async (form) => {
  const bytes = await archiveOf(at, form);
  expect(await at.judge(await at.writeSealed('sound.dump', bytes))).toMatchObject({ restored: true, differences: [] });
});

// Of archives of the other forms: test/kill/servers/damaged-archives.test.ts.
test(
  'damage from before the encryption is found by restoring and comparing, or has changed no row',
  () => judgeDamages(at, 'compressed'),
  180_000,
);

describe('a restored dump', () => {
  it('gives back the keys by their hash', async () => {
    const order = at.orderOf(dump.file, dump.sha256);
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
    const order = at.orderOf(dump.file, '0'.repeat(64));
    expect(await withRestoredDump(order, callback)).toMatchObject({
      restored: false,
      differences: [{ where: 'file' }],
    });
    expect(callback).not.toHaveBeenCalled();
  });
});

describe('a proof that cannot be made', () => {
  it('is an error, not a verdict: the programs are missing', async () => {
    const proving = proveDump({ ...at.orderOf(dump.file, dump.sha256), expected, toolsFolder: folder });
    await expect(proving).rejects.toThrow('expected the programs pg_dump, pg_restore, initdb, postgres');
  });

  it('is an error, not a verdict: it was cancelled', async () => {
    const cancel = new AbortController();
    const reason = new Error('cancelled by the test');
    const onProgress = () => cancel.abort(reason);
    const order = { ...at.orderOf(dump.file, dump.sha256), expected };
    await expect(proveDump({ ...order, signal: cancel.signal, onProgress })).rejects.toBe(reason);
  });
});
