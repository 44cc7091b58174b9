import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { brotliDecompressSync } from 'node:zlib';
import { Client } from 'pg';
import { dumpDatabase, type DumpOrder } from '../../../adapters/dump/dump';
import { fingerprintTables, listTables } from '../../../adapters/rows/fingerprint';
import type { PostgresSettings } from '../../../adapters/postgres/postgres';
import { withSnapshot } from '../../../adapters/postgres/snapshot';
import { findPostgresFolder } from '../../../dev/servers/programs';
import { unseal, writeAgeKeys, type AgeKeyFile } from '../../support/servers/age-keys';
import { fillOddDatabase } from '../../support/stages/odd-database';
import { processesNaming } from '../../support/servers/processes';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';
import { until } from '../../support/looks/until';

const toolsFolder = findPostgresFolder();
let database: TestDatabase;
let connection: PostgresSettings;
let folder: string;
let file: string;
let keysFolder: string;
let keys: AgeKeyFile;

beforeAll(async () => {
  database = await createDatabase({ template: { name: 'odd', fill: fillOddDatabase } });
  connection = { url: database.url, applicationName: 'test of the dump' };
  keysFolder = mkdtempSync(path.join(tmpdir(), 'rubicon-dump-keys-'));
  keys = await writeAgeKeys(keysFolder);
});

afterAll(() => rmSync(keysFolder, { recursive: true }));

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rubicon-dump-'));
  file = path.join(folder, 'backup.dump');
});

afterEach(() => rmSync(folder, { recursive: true }));

const dumpIt = (snapshot: string, order: Partial<DumpOrder> = {}) =>
  dumpDatabase({ connection, file, recipient: keys.recipient, snapshot, toolsFolder, ...order });

const dump = (order: Partial<DumpOrder> = {}) => withSnapshot(connection, ({ id }) => dumpIt(id, order));

const restoreTool = async (...options: string[]) => {
  const input = brotliDecompressSync(await unseal(file, keys.identityFile));
  return execFileSync(path.join(toolsFolder, 'pg_restore'), options, { input, encoding: 'utf8' });
};

/** Of `pg_dump`, not the one that holds the snapshot. */
const dumpSessions = () =>
  database.query(`select wait_event_type from pg_stat_activity
    where datname = current_database() and application_name ~ '^test of the dump dump [0-9a-f]{8}$'`);

describe('a dump', () => {
  it('is a file that nobody else can read, and says what it is', async () => {
    const before = Date.now();
    const made = await dump();
    const bytes = readFileSync(file);
    expect(made).toEqual({
      file,
      sizeBytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      startedAt: expect.any(String),
      tookMs: expect.any(Number),
      serverVersion: expect.stringMatching(/^\d+\.\d+$/),
      clientVersion: expect.stringMatching(/^\d+\.\d+$/),
      compression: 'brotli',
    });
    expect(Date.parse(made.startedAt)).toBeGreaterThanOrEqual(before);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['backup.dump']);
    expect(await restoreTool('--list')).toContain('TABLE DATA public keys');
  });

  it('holds the snapshot, whatever is written after it was taken', async () => {
    const table = { schema: 'public', table: 'keys' };
    const { atFirst, later } = await withSnapshot(connection, async ({ id, client }) => {
      const [atFirst] = await fingerprintTables(client, [table]);
      await database.query(`insert into keys (owner) values ('written during the dump')`);
      await dumpIt(id);
      const [later] = await fingerprintTables(client, [table]);
      return { atFirst, later };
    });
    expect(later).toEqual(atFirst);
    expect(await restoreTool('--data-only', '--table=keys', '--file=-')).not.toContain('written during the dump');
    await database.query(`delete from keys where owner = 'written during the dump'`);
  });

  it('of some tables has their data alone, partitions included, and the definitions of all', async () => {
    const odd = (await withSnapshot(connection, ({ client }) => listTables(client)))[0];
    expect(odd?.schema).toContain('"');
    await dump({ tables: [{ schema: 'public', table: 'parted' }, ...(odd ? [odd] : [])] });
    const list = (await restoreTool('--list')).split('\n');
    const withData = list
      .filter((line) => line.includes(' TABLE DATA '))
      .map((line) => line.replace(/^.*TABLE DATA /, ''));
    expect(withData.sort()).toEqual([
      `Odd "Schema" Table, with 'quotes' and ümlaut postgres`,
      'public parted_old postgres',
      'public parted_rest postgres',
    ]);
    expect(list.filter((line) => / TABLE (?!DATA|ATTACH)/.test(line))).toHaveLength(12);
  });

  it('of a table that is not there is refused before anything is written', async () => {
    await expect(dump({ tables: [{ schema: 'public', table: 'gone' }] })).rejects.toThrow(
      'expected the tables "public"."gone", found none of that name; nothing was dumped',
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is never written over', async () => {
    writeFileSync(file, 'an older backup');
    await expect(dump()).rejects.toThrow(`expected no file at ${file}, found one; it is never overwritten`);
    expect(readFileSync(file, 'utf8')).toBe('an older backup');
  });

  it('removes what a killed attempt left behind', async () => {
    writeFileSync(`${file}.0123abcd.partial`, 'half a dump');
    await dump();
    expect(readdirSync(folder)).toEqual(['backup.dump']);
  });
});

describe('the program', () => {
  it('gets the password by its environment alone, and nothing of ours that it does not need', async () => {
    const wrapped = path.join(folder, 'tools');
    mkdirSync(wrapped);
    chmodSync(folder, 0o755); // as root the server's programs are tried as another user
    for (const program of ['pg_restore', 'initdb', 'postgres']) {
      // not by links, which would be followed
      writeFileSync(path.join(wrapped, program), `#!/bin/sh\nexec '${toolsFolder}/${program}' "$@"\n`, { mode: 0o755 });
    }
    const record = `case "$1" in --version) ;; *) { echo "$@"; env; } > '${folder}/seen' ;; esac`;
    writeFileSync(path.join(wrapped, 'pg_dump'), `#!/bin/sh\n${record}\nexec '${toolsFolder}/pg_dump' "$@"\n`, {
      mode: 0o755,
    });
    process.env['RUBICON_TEST_SECRET'] = 'another secret';
    try {
      await dump({ toolsFolder: wrapped });
    } finally {
      delete process.env['RUBICON_TEST_SECRET'];
    }
    const [commandLine = '', ...environment] = readFileSync(path.join(folder, 'seen'), 'utf8').split('\n');
    const { password } = new URL(database.url);
    expect(commandLine).toContain('--snapshot=');
    expect(commandLine).not.toContain(password);
    expect(environment).toContain(`PGPASSWORD=${password}`);
    expect(environment.join('\n')).not.toContain('RUBICON_TEST_SECRET');
  });
});

describe('a dump that fails', () => {
  it('leaves no file, and says why', async () => {
    const failing = dumpIt('00000003-0000001B-1');
    await expect(failing).rejects.toThrow(/^expected a complete dump, found: pg_dump: /);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('names the table that may not be read', async () => {
    await database.query(`create role half_reader login password 'half-secret'`);
    const url = new URL(database.url);
    [url.username, url.password] = ['half_reader', 'half-secret'];
    await database.query(
      'grant usage on schema public to half_reader; grant select on all tables in schema public to half_reader; revoke select on keys from half_reader',
    );
    connection = { url: url.href, applicationName: 'test of the dump' };
    try {
      await expect(dump()).rejects.toThrow('permission denied for');
    } finally {
      connection = { url: database.url, applicationName: 'test of the dump' };
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('for want of room leaves no file, no process and no session, and says what to do', async () => {
    const { ended, complaints } = takeInProcess('ulimit -f 8; exec "$0" "$@"'); // 4 kB a file
    expect(await ended).toBe(1);
    expect(await complaints).toMatch(
      /expected disk space for all of [\w.-]+, found none left \(EFBIG\); nothing was kept: free some space, then try again/,
    );
    expect(readdirSync(folder)).toEqual([]);
    await until(async () => (await dumpSessions()).length === 0);
    expect(processesNaming(keys.recipient)).toEqual([]);
  });

  it('says that the programs are too old, without starting one', async () => {
    const none = path.join(folder, 'no-tools');
    await expect(dump({ toolsFolder: none })).rejects.toThrow(
      `expected the programs pg_dump, pg_restore, initdb, postgres of version 16 or newer in one folder, found none`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a cancelled dump', () => {
  it('ends its process and its session, also one that waits for a lock, and leaves no file', async () => {
    const cancel = new AbortController();
    const reason = new Error('cancelled by the test');
    const locker = await createLock();
    try {
      const dumping = dump({ signal: cancel.signal });
      const outcome = dumping.catch((error: unknown) => error);
      await until(async () => (await dumpSessions()).some(({ wait_event_type: waitsFor }) => waitsFor === 'Lock'));
      cancel.abort(reason);
      expect(await outcome).toBe(reason);
      expect(await dumpSessions()).toEqual([]);
      expect(processesNaming(keys.recipient)).toEqual([]);
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      await locker.release();
    }
  });

  it('does not even begin when it was cancelled before', async () => {
    await expect(dump({ signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a dump whose worker is killed', () => {
  it('leaves no process, no session, and nothing that has a name; the next attempt sweeps the rest away', async () => {
    const locker = await createLock();
    const { child, ended } = takeInProcess('exec "$0" "$@"');
    try {
      await until(
        async () => (await dumpSessions()).some(({ wait_event_type: waitsFor }) => waitsFor === 'Lock'),
        20_000,
      );
    } finally {
      child.kill('SIGKILL');
      await locker.release();
    }
    await ended;
    await until(
      async () => processesNaming(keys.recipient).length === 0 && (await dumpSessions()).length === 0,
      20_000,
    );
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^backup\.dump\.[0-9a-f]{8}\.partial$/)]);
    await dump();
    expect(readdirSync(folder)).toEqual(['backup.dump']);
  });
});

/** The same dump by a process that can be killed, started by this line of a shell. */
function takeInProcess(line: string) {
  const program = path.join(__dirname, '../../support/faults/backup-taker.ts');
  const order = [database.url, file, keys.recipient, toolsFolder];
  const root = path.join(__dirname, '../../..');
  const child = spawn('/bin/sh', ['-c', line, process.execPath, '-r', 'tsx/cjs', program, ...order], {
    ...{ cwd: root, stdio: ['ignore', 'ignore', 'pipe'] },
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, ended, complaints: text(child.stderr) };
}

/** Holds a table so that `pg_dump` has to wait for it. */
async function createLock() {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('begin; lock table keys in access exclusive mode');
  return { release: () => client.end() };
}
