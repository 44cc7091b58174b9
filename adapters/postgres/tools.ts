import { execFile } from 'node:child_process';
import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { safeMessage } from '../programs/secret-text';

const run = promisify(execFile);

/** Programs of PostgreSQL that backup and proof start; `psql` only for the people who restore by hand. */
export type PostgresProgram = 'pg_dump' | 'pg_restore' | 'psql' | 'initdb' | 'postgres';

const needed: readonly PostgresProgram[] = ['pg_dump', 'pg_restore', 'initdb', 'postgres'];

/** Where PostgreSQL's programs are looked for. */
export interface PostgresToolsSettings {
  /** Folder that holds all of them. Default: the first of `PATH`, then of the usual places, that does. */
  toolsFolder?: string | undefined;
}

/** A folder with all the programs, of one major version. */
export interface PostgresTools {
  /** Absolute; links are resolved. */
  folder: string;
  /** Of all of them, such as 16. */
  major: number;
  /** Such as `16.14`; `psql` may be missing. */
  versions: Partial<Record<PostgresProgram, string>>;
}

/** What a search for the programs found. */
export interface ToolsSearch {
  /** Absent = no folder has them all. */
  tools?: PostgresTools;
  /** Why each folder that was looked at is of no use; a sentence each. */
  reasons: string[];
}

/** PostgreSQL refuses root, so its servers then run as the user that is called `nobody` on every usual system. Undefined: we are not root. */
export function serverUser(): { uid: number; gid: number } | undefined {
  return process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;
}

/**
 * Looks for one folder with all programs, so that dump, restore and throw-away server are of one version: a newer
 * `pg_dump` writes archives that an older `pg_restore` can't read.
 *
 * @param atLeastMajor folders with an older version are passed over; `pg_dump` refuses a server newer than itself
 */
export async function findPostgresTools(settings: PostgresToolsSettings = {}, atLeastMajor = 0): Promise<ToolsSearch> {
  const folders = settings.toolsFolder === undefined ? await usualFolders() : [path.resolve(settings.toolsFolder)];
  const reasons: string[] = [];
  for (const folder of folders) {
    const tools = await inspect(folder);
    if (typeof tools === 'string') reasons.push(`${folder}: ${tools}`);
    else if (tools.major < atLeastMajor)
      reasons.push(`${folder}: version ${tools.versions.pg_dump}, expected ${atLeastMajor} or newer`);
    else return { tools, reasons };
  }
  if (reasons.length === 0) reasons.push('no folder of PATH holds pg_dump');
  return { reasons };
}

/**
 * The same for callers that can't do without.
 *
 * @throws Error that says where was looked and what to do
 */
export async function requirePostgresTools(
  settings: PostgresToolsSettings = {},
  atLeastMajor = 0,
): Promise<PostgresTools> {
  const { tools, reasons } = await findPostgresTools(settings, atLeastMajor);
  if (tools !== undefined) return tools;
  const wanted = atLeastMajor > 0 ? `of version ${atLeastMajor} or newer ` : '';
  throw new Error(
    `expected the programs ${needed.join(', ')} ${wanted}in one folder, found none; ` +
      `install PostgreSQL's client and server programs, or name their folder as "tools" in the settings (${reasons.join('; ')})`,
  );
}

/** Versions of the programs that backup and proof would use; undefined if they would find none. */
export async function clientToolsVersions(
  settings: PostgresToolsSettings = {},
): Promise<PostgresTools['versions'] | undefined> {
  return (await findPostgresTools(settings)).tools?.versions;
}

/** Debian and Red Hat keep the server programs off PATH; links are followed, since only some programs are linked. */
async function usualFolders(): Promise<string[]> {
  const folders: string[] = [];
  for (const folder of (process.env.PATH ?? '').split(path.delimiter).filter((one) => path.isAbsolute(one))) {
    for (const program of ['pg_dump', 'postgres']) {
      const target = await realpath(path.join(folder, program)).catch(() => undefined);
      if (target !== undefined) folders.push(path.dirname(target));
    }
  }
  const versions = await readdir('/usr/lib/postgresql').catch(() => []);
  const newestFirst = versions.toSorted((a, b) => Number(b) - Number(a));
  return [...new Set([...folders, ...newestFirst.map((version) => `/usr/lib/postgresql/${version}/bin`)])];
}

/** A sentence instead of tools: why they are of no use. */
async function inspect(named: string): Promise<PostgresTools | string> {
  const folder = await realpath(named).catch(() => undefined);
  if (folder === undefined) return 'not found';
  const versions: PostgresTools['versions'] = {};
  const programs = [...needed, 'psql'] as const;
  const found = await Promise.all(programs.map((program) => versionOf(path.join(folder, program), program)));
  for (const [index, version] of found.entries()) {
    const program = programs[index] ?? 'psql';
    if (typeof version === 'string') versions[program] = version;
    else if (program !== 'psql') return version.because;
  }
  const majors = new Set(needed.map((program) => Number.parseInt(versions[program] ?? '', 10)));
  const [major] = majors;
  if (majors.size > 1 || major === undefined) return `programs of different versions (${[...majors].join(', ')})`;
  return { folder, major, versions };
}

async function versionOf(file: string, program: PostgresProgram): Promise<string | { because: string }> {
  const user = program === 'postgres' || program === 'initdb' ? serverUser() : undefined;
  try {
    const { stdout } = await run(file, ['--version'], { cwd: '/', timeout: 20_000, ...user });
    const version = /\(PostgreSQL\) (\d+[\w.]*)/.exec(stdout)?.[1];
    return version ?? { because: `${program} prints no version that we can read` };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { because: `${program} not found` };
    const asUser = user === undefined ? '' : ` as user ${user.uid}, which root needs since PostgreSQL refuses it`;
    return { because: `${program} cannot be run${asUser} (${safeMessage(error)})` };
  }
}
