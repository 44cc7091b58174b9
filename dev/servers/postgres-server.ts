import { randomBytes } from 'node:crypto';
import { appendFileSync, chownSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { type Child, startChild } from './child';
import { withFreePorts } from './free-port';
import { databaseUser, findPostgresFolder } from './programs';
import { createOwnedFolder, createThrowAwayFolder } from './throw-away-folder';

export interface PostgresOptions {
  /** For messages and the log. Default `PostgreSQL`. */
  name?: string;
  /** Lines of `postgresql.conf`, which win over the ones below; text is quoted for you. */
  settings?: Record<string, string | number | boolean>;
  /** Folder of the programs, of another version or with more extensions. Default: the usual one. */
  binFolder?: string;
}

/** A PostgreSQL cluster of its own, with a system identifier of its own. `kill` is an immediate shutdown. */
export interface PostgresServer extends Child {
  /** As superuser to database `postgres`, with the password: never log it. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly superuser: string;
  readonly password: string;
  readonly dataFolder: string;
  /** Of `pg_dump`, `pg_restore`, `psql` of the same version. */
  readonly binFolder: string;
  /** The same for another database or another user. */
  urlOf(part: { database?: string; user?: string; password?: string }): string;
}

const SUPERUSER = 'postgres';

// Nothing here outlives the machine, so nothing waits for its disk; killing the server loses nothing all the same.
const FAST = { fsync: false, full_page_writes: false, shared_buffers: '32MB' };

/**
 * Starts an empty PostgreSQL on a free loopback port: UTF-8, locale C, time zone UTC, password (SCRAM) for everybody, no
 * Unix socket. Takes about 0.4 s. As root it runs as user 65534.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const name = options.name ?? 'PostgreSQL';
  const binFolder = options.binFolder ?? findPostgresFolder();
  const password = randomBytes(18).toString('base64url');
  return withFreePorts(1, async ([port = 0]) => {
    const folder = createThrowAwayFolder('postgres');
    const dataFolder = createOwnedFolder(folder, 'data');
    const urlOf: PostgresServer['urlOf'] = (part) =>
      `postgres://${part.user ?? SUPERUSER}:${encodeURIComponent(part.password ?? password)}@127.0.0.1:${port}/${part.database ?? 'postgres'}`;
    const child = await startChild({
      name,
      program: join(binFolder, 'postgres'),
      args: ['-D', dataFolder],
      folder,
      user: databaseUser(),
      prepare: async (run) => {
        const passwordFile = writePasswordFile(folder, password);
        const args = ['-D', dataFolder, '-U', SUPERUSER, '--pwfile', passwordFile, '--auth=scram-sha-256'];
        await run(join(binFolder, 'initdb'), [
          ...args,
          '--encoding=UTF8',
          '--locale=C',
          '--no-sync',
          '--no-instructions',
        ]);
        rmSync(passwordFile);
        const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', timezone: 'UTC' };
        appendFileSync(join(dataFolder, 'postgresql.conf'), confOf({ ...settings, ...FAST, ...options.settings }));
      },
      isReady: () => ask(urlOf({}), 'select 1'),
      endSignals: ['SIGINT', 'SIGQUIT', 'SIGKILL'], // fast, immediate; killed outright it leaves its children for a moment
      killSignal: 'SIGQUIT',
    });
    const facts = {
      url: urlOf({}),
      host: '127.0.0.1',
      port,
      superuser: SUPERUSER,
      password,
      dataFolder,
      binFolder,
      urlOf,
    };
    return Object.assign(child, facts);
  });
}

/** By a file: arguments can be read by everybody on the machine. */
function writePasswordFile(folder: string, password: string): string {
  const file = join(folder, 'password');
  writeFileSync(file, password, { mode: 0o600 });
  const { uid, gid } = databaseUser();
  if (uid !== undefined && gid !== undefined) chownSync(file, uid, gid);
  return file;
}

function confOf(settings: Record<string, string | number | boolean>): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = '${String(value).replaceAll("'", "''")}'`);
  return `\n${lines.join('\n')}\n`;
}

async function ask(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {}); // an ended connection is told by the query
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end().catch(() => {});
  }
}
