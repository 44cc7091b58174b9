import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { NOBODY, servers, type ServerName } from '../setup/find';
import { locate, locatePostgres18 } from '../setup/servers';

/** A program that the set-up sees to. Those of PostgreSQL all come from one folder, so that they are of one version. */
export type ProgramName =
  'postgres' | 'initdb' | 'pg_ctl' | 'pg_dump' | 'pg_restore' | 'psql' | 'temporal' | 'redis-server' | 'redis-cli';

const found = new Map<string, string>();

/**
 * The path of a server program, by the set-up's rule: its environment variable (`RUBICON_POSTGRES_BIN`, a folder;
 * `RUBICON_TEMPORAL`, `RUBICON_REDIS_SERVER`, programs), else `PATH` if new enough, else the cache `.tools/`. Looked
 * up once a process. As root, PostgreSQL's programs are such as user 65534 can run, see `databaseUser`.
 *
 * @throws if there is none, with what was looked at and the way out
 */
export function findProgram(name: ProgramName): string {
  const known = found.get(name);
  if (known) return known;
  const path = lookUp(name);
  found.set(name, path);
  return path;
}

/** The folder of PostgreSQL's programs; see `findProgram`. */
export function findPostgresFolder(): string {
  return join(findProgram('postgres'), '..');
}

/** The folder of PostgreSQL 18's programs, which are fetched on demand. @throws if they were not */
export function findPostgres18(): string {
  const folder = locatePostgres18(resolve(__dirname, '../..'));
  if (folder !== undefined) return folder;
  throw new Error('expected PostgreSQL 18 in .tools, found none; run `node dev/setup.js --postgres-18`');
}

/**
 * Whom PostgreSQL's server and `initdb` must run as: they refuse root, so as root it is user 65534 (`nobody`), who has
 * to own the data folder and to reach every folder above it. Spread it into the options of `spawn`; empty otherwise.
 */
export function databaseUser(): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
}

function lookUp(name: ProgramName): string {
  const server: ServerName = name === 'temporal' ? 'temporal' : name.startsWith('redis-') ? 'redis' : 'postgres';
  const { found, reasons } = locate(resolve(__dirname, '../..'), server);
  const named = name === 'redis-cli' ? undefined : found?.program; // a variable names the server
  const path = named ?? (found && join(found.bin, name));
  if (path && existsSync(path)) return path;
  const { title, expects, variable } = servers[server];
  throw new Error(
    `expected ${title}, ${expects}; found none (${reasons.join('; ')}); run \`node dev/setup.js\` or set ${variable}`,
  );
}
