import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { startPostgres, type PostgresServer } from '../../dev/servers/postgres-server';
import { findPostgres18 } from '../../dev/servers/programs';
import { createOwnedFolder, createThrowAwayFolder } from '../../dev/servers/throw-away-folder';
import { startWatchdog } from '../../dev/servers/watchdog';
import { installStatements } from '../../sql/install';
import { layCopiedClusters } from '../support/servers/copied-clusters';
import { layExtendedPostgres } from '../support/servers/extended-postgres';
import { roles } from './make/making';
import { quoted } from './make/names';
import type { ServerNeed } from './make/parts';

/** One server for all cases of a run, with the roles and the tablespace that they share. */
export interface FuzzServer {
  version: string;
  major: number;
  /** What a part may need. */
  has: { contrib: boolean; icu: boolean };
  binFolder: string;
  /** Where backups and copies are written; a folder of its own for each case. */
  folder: string;
  /** All folders of it, which are gone once it is closed or its process has ended. */
  folders: string[];
  /** Answers as an application of the release that the query names. */
  applicationUrl: string;
  urlOf(database: string, user?: string): string;
  /** As superuser, in database `postgres`. */
  admin: Client;
  close(): Promise<void>;
}

const password = 'of a role for tests alone';

/** The programs of one version; those of a folder that is named. */
function programsOf(version: string): { binFolder: string; folders: string[]; release(): void } {
  if (version === '16') {
    const { folder, binFolder } = layExtendedPostgres();
    return { binFolder, folders: [folder], release: guarded(folder) };
  }
  const binFolder = version === '18' ? findPostgres18() : version === '15' ? '/usr/lib/postgresql/15/bin' : version;
  if (existsSync(join(binFolder, 'postgres'))) return { binFolder, folders: [], release: () => {} };
  throw new Error(
    `expected the programs of PostgreSQL ${version} in ${binFolder}, found none; install them, or name their folder: --postgres /folder`,
  );
}

export async function openFuzzServer(version = '16'): Promise<FuzzServer> {
  const { binFolder, folders, release } = programsOf(version);
  const server = await startPostgres({
    ...{ name: `PostgreSQL ${version} of the fuzz`, binFolder },
    settings: { wal_level: 'logical', max_connections: 60, autovacuum: false },
  });
  const folder = mkdtempSync(join(tmpdir(), 'rubicon-fuzz-'));
  const spaceFolder = createThrowAwayFolder('fuzz-space');
  const clusters = layCopiedClusters(binFolder);
  const removals = [guarded(folder), guarded(spaceFolder), guarded(clusters.folder)];
  const admin = new Client({ connectionString: server.url });
  admin.on('error', () => {}); // a server that is stopped is told by the next query
  await admin.connect();
  await makeShared(admin, createOwnedFolder(spaceFolder, 'space'));
  const application = await serveAnyRelease();
  return {
    ...{ ...(await featuresOf(admin)), binFolder: clusters.binFolder, folder, applicationUrl: application.url, admin },
    folders: [folder, spaceFolder, clusters.folder, dirname(server.logFile), ...folders],
    urlOf: (database, user) => server.urlOf({ database, ...(user !== undefined && { user, password }) }),
    close: async () => {
      application.close();
      await admin.end();
      await closeServer(server);
      for (const remove of [...removals, release]) remove();
    },
  };
}

/** Removes the folder when it is called, or when this process ends before: a run is interrupted more often than not. */
function guarded(folder: string): () => void {
  const watchdog = startWatchdog([], folder);
  return () => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    watchdog.dismiss();
  };
}

const closeServer = (server: PostgresServer): Promise<void> => server.stop();

/** Roles and tablespaces belong to the whole server. */
async function makeShared(admin: Client, spaceFolder: string): Promise<void> {
  for (const role of [...roles.owners, ...roles.others]) await admin.query(`create role ${quoted(role)}`);
  await admin.query(`create role ${roles.worker} login bypassrls password '${password}'`);
  await admin.query(`grant ${roles.owners.map(quoted).join(', ')}, pg_read_all_data to ${roles.worker}`);
  await admin.query(`create tablespace fuzz_space location '${spaceFolder}'`);
  await admin.query(
    `grant create on tablespace fuzz_space to ${[...roles.owners, roles.worker].map(quoted).join(', ')}`,
  );
  await admin.query(`grant set on parameter deadlock_timeout, session_replication_role to ${roles.worker}`);
  await admin.query('grant pg_read_all_stats, pg_signal_backend to fuzz_worker');
  for (const name of ['pg_control_system', 'pg_control_checkpoint'])
    await admin.query(`grant execute on function ${name}() to ${roles.worker}`);
  await admin.query('create database fuzz_base template template0');
}

async function featuresOf(admin: Client): Promise<Pick<FuzzServer, 'version' | 'major' | 'has'>> {
  const { rows } = await admin.query<{ version: string; number: number; contrib: boolean; icu: boolean }>(
    `select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
            (select count(*) = 5 from pg_available_extensions where name in ('citext', 'hstore', 'btree_gist', 'pg_trgm', 'unaccent')) as contrib,
            exists (select from pg_collation where collname = 'de-x-icu') as icu`,
  );
  const { version = '', number = 0, contrib = false, icu = false } = rows[0] ?? {};
  return { version, major: Math.floor(number / 10_000), has: { contrib, icu } };
}

/** Whether this server can have a part that needs this. */
export const fits = (
  { major, has }: FuzzServer,
  { contrib, icu, atLeast = 0, below = Infinity }: ServerNeed = {},
): boolean => major >= atLeast && major < below && (contrib !== true || has.contrib) && (icu !== true || has.icu);

/** What a database administrator prepares in each database for the worker's role. */
export const preparedBy = (worker: 'superuser' | 'least', database: string): string[] => [
  `grant connect, temporary on database ${database} to ${roles.worker}`,
  ...installStatements({
    environment: 'staging',
    target: 'fuzz',
    ...(worker === 'least' && { role: roles.worker }),
  }).map(({ sql }) => sql),
  `grant create on schema public to ${roles.owners.map(quoted).join(', ')}`,
  'create table public.schema_revision (version_num text not null)',
  "insert into public.schema_revision values ('1')",
  `alter table public.schema_revision owner to ${roles.owners[0]}`,
];

async function serveAnyRelease(): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const release = new URL(request.url ?? '/', 'http://localhost').searchParams.get('release');
    response.setHeader('connection', 'close');
    response.end(JSON.stringify({ status: 'ok', release }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}
