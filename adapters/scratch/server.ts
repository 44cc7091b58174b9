import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openPostgres, type PostgresSettings } from '../postgres/postgres';
import { serverUser, type PostgresTools } from '../postgres/tools';
import { runTool, toolEnvironment } from '../programs/run-tool';
import type { ScratchPaths } from './folder';
import { safeMessage } from '../programs/secret-text';
import { explainComplaint } from '../programs/tool-complaint';

/** Fast instead of safe: the data are a copy that will be thrown away. And nothing of them goes into a log. */
const settings = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '4GB',
  checkpoint_timeout: '1h',
  autovacuum: 'off',
  max_connections: '20',
  maintenance_work_mem: '128MB',
  dynamic_shared_memory_type: 'mmap', // files of the cluster, so that not even `kill -9` leaves memory behind
  logging_collector: 'off',
  log_min_messages: 'fatal',
  log_min_error_statement: 'panic',
  update_process_title: 'off',
};

/**
 * The role that restores, and owns what was restored: no superuser, so that code in a dump (a function in an index, a
 * default) can neither start a program nor read a file of this machine.
 */
export const restricted = 'rubicon_restore';

/** The server's superuser: by a name that no role of the database which is copied here has. */
const superuser = 'rubicon_scratch';

/** How long a server may take to answer for the first time. */
const startLimitMs = 60_000;

/** With what a server is made, where, and for whom. */
export interface ServerOrder {
  tools: PostgresTools;
  paths: ScratchPaths;
  /** Ends it at once. */
  signal?: AbortSignal | undefined;
  /** One more role that may log in. */
  alsoAs?: string | undefined;
}

/** A server that was started, until it is stopped. */
export interface ScratchServer {
  /** As superuser, by the socket. */
  connection: (database: string) => PostgresSettings;
  /** As {@link restricted}, by the socket. */
  restricted: (database: string) => PostgresSettings;
  /** As the one more role that may log in. */
  as: (role: string, database: string) => PostgresSettings;
  /** Ends it at once and waits until it is gone. */
  stop: () => Promise<void>;
}

/** Makes and starts a server that only our own user can connect to, by its socket; `signal` ends it at once. */
export async function startScratchServer(order: ServerOrder): Promise<ScratchServer> {
  const { tools, paths, signal } = order;
  await initialize(order);
  const process = spawn(path.join(tools.folder, 'postgres'), serverArguments(paths), {
    cwd: '/',
    env: toolEnvironment(),
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...serverUser(),
  });
  let complaints = '';
  process.stderr.on('data', (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-8_192)));
  const exited = once(process, 'exit').catch(() => undefined);
  const kill = () => void process.kill('SIGQUIT');
  const hasEnded = () => process.pid === undefined || process.exitCode !== null || process.signalCode !== null;
  signal?.addEventListener('abort', kill, { once: true });
  const server: ScratchServer = {
    connection: (database) => connectionTo(paths.socket, superuser, database),
    restricted: (database) => connectionTo(paths.socket, restricted, database),
    as: (role, database) => connectionTo(paths.socket, role, database),
    stop: async () => {
      signal?.removeEventListener('abort', kill);
      kill();
      // What ignores this is killed when the folder is removed.
      if (!hasEnded()) await Promise.race([exited, delay(5_000, undefined, { ref: false })]);
    },
  };
  try {
    await untilReady(server, { hasEnded, complaints: () => complaints }, signal);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** The server asks the kernel who is calling, and lets in the user of this name. */
function ourName(): string {
  try {
    return userInfo().username;
  } catch {
    throw new Error(
      `expected the user ${process.getuid?.()} in the machine's list of users (initdb needs its name), found none; add an entry`,
    );
  }
}

async function initialize({ tools, paths, signal, alsoAs }: ServerOrder): Promise<void> {
  const end = await runTool({
    program: path.join(tools.folder, 'initdb'),
    arguments: [
      ...[`--pgdata=${paths.data}`, `--username=${superuser}`, '--auth-local=peer', '--auth-host=reject'],
      ...['--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'],
    ],
    user: serverUser(),
    signal,
  });
  if (end.exitCode !== 0) throw new Error(`expected a new throw-away server in ${paths.data}, found: ${end.complaint}`);
  // One user of the machine, under each of these names.
  const user = ourName();
  const roles = [superuser, restricted, ...(alsoAs === undefined ? [] : [alsoAs])];
  const names = roles.map((name) => `scratch "${user}" "${name.replaceAll('"', '""')}"\n`);
  await writeFile(path.join(paths.data, 'pg_ident.conf'), names.join(''));
  await writeFile(path.join(paths.data, 'pg_hba.conf'), 'local all all peer map=scratch\n');
}

function serverArguments(paths: ScratchPaths): string[] {
  const all = { ...settings, unix_socket_directories: paths.socket, port: '5432' };
  return ['-D', paths.data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

function connectionTo(socket: string, user: string, database: string): PostgresSettings {
  const [who, where, what] = [user, socket, database].map(encodeURIComponent);
  return { url: `postgres://${who}@${where}:5432/${what}`, applicationName: 'rubicon scratch', statementTimeoutMs: 0 };
}

async function untilReady(
  server: ScratchServer,
  { hasEnded, complaints }: { hasEnded: () => boolean; complaints: () => string },
  signal?: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + startLimitMs;
  for (;;) {
    signal?.throwIfAborted();
    if (hasEnded())
      throw new Error(
        `expected a throw-away server to start, found that it ended: ${explainComplaint(complaints(), 'postgres')}`,
      );
    try {
      return await openPostgres(server.connection('postgres')).withClient(
        async (client) => void (await client.query(`create role ${restricted} login`)),
      );
    } catch (error) {
      if (Date.now() > deadline)
        throw new Error(
          `expected a throw-away server to answer within ${startLimitMs / 1_000} s, found: ${safeMessage(error)}`,
        );
      await delay(20);
    }
  }
}
