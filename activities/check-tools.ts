import { statfs, stat } from 'node:fs/promises';
import path from 'node:path';
import { readIdentity } from '../adapters/postgres-identity';
import { readSize } from '../adapters/postgres-size';
import { findPostgresTools } from '../adapters/postgres-tools';
import type { PostgresTools, ToolsSearch } from '../adapters/postgres-tools';
import { usualScratchFolder } from '../adapters/scratch-folder';
import { withScratchPostgres } from '../adapters/scratch-postgres';
import { safeMessage } from '../adapters/secret-text';
import { finding } from '../contract/findings';
import type { Finding } from '../contract/findings';
import { readableSize } from '../contract/plain-text';
import type { EnvironmentActivities } from '../contract/steps';
import { withDatabase } from './database';
import type { FindEnvironment } from './environment';
import { withHeartbeat } from './heartbeat';

/**
 * Looks whether this worker could take and prove a backup: programs of the right version, room, a throw-away server that
 * really starts. Guards against finding that out in the change window. Leaves nothing behind.
 */
export function createCheckTools({
  environment: find,
}: {
  environment: FindEnvironment;
}): EnvironmentActivities['checkTools'] {
  return ({ target }) =>
    withHeartbeat(async (signal) => {
      const environment = find(target);
      const { versionNumber, databaseBytes } = await withDatabase(environment, 'tools', async (client) => {
        const { versionNumber } = await readIdentity(client);
        return { versionNumber, ...(await readSize(client, [])) };
      });
      const major = Math.floor(versionNumber / 10_000);
      const { toolsFolder, backupFolder } = environment;
      const search = await findPostgresTools({ toolsFolder }, major);
      const room = await checkRoom(backupFolder, databaseBytes);
      if (search.tools === undefined) return [programs(search, major), ...room];
      const scratch = await checkScratch(toolsFolder, major, signal);
      return [programs(search, major), securityFloor(search.tools), ...room, scratch];
    });
}

function programs({ tools, reasons }: ToolsSearch, major: number): Finding {
  return finding('client programs', tools !== undefined, {
    expected: `pg_dump, pg_restore, initdb and postgres of version ${major} or newer in one folder`,
    found: tools === undefined ? reasons.join('; ') : `${tools.versions.pg_dump}`,
    remedy: `install PostgreSQL ${major} on the worker, or name the folder as "tools" in the settings`,
  });
}

/** Earlier clients can be made to run code by a crafted dump (CVEs in restoring). */
const floors: Record<number, number> = { 15: 20, 16: 16, 17: 12, 18: 7 };

/** Reported only: the dumps that are restored here are our own. Newer versions than we know of have these mended. */
export function securityFloor({ major, versions }: PostgresTools): Finding {
  const check = 'security of the client programs';
  const found = versions.pg_restore ?? '';
  const floor = floors[major];
  const known = Object.keys(floors).map(Number);
  const expected =
    floor === undefined ? `version ${Math.min(...known)} or newer` : `version ${major}.${floor} or newer`;
  const minor = Number(found.split('.')[1] ?? 0);
  const isSafe = floor === undefined ? major > Math.max(...known) : minor >= floor;
  if (isSafe) return { check, status: 'passed', expected, found };
  const remedy = 'known faults let a crafted dump run code while it is restored: update them; restore only own dumps';
  return { check, status: 'not covered', expected, found, remedy };
}

/** The dump is hardly larger than the database, the restored copy as large, and both can be on one disk. */
async function checkRoom(backupFolder: string, databaseBytes: number): Promise<Finding[]> {
  const cluster = 64 * 1024 ** 2;
  const backups = { what: 'backups', folder: await nearest(backupFolder), bytes: databaseBytes };
  const scratch = { what: 'the throw-away server', folder: usualScratchFolder, bytes: databaseBytes * 1.1 + cluster };
  const devices = await Promise.all([backups, scratch].map(({ folder }) => stat(folder).then(({ dev }) => dev)));
  const shared = devices[0] === devices[1] ? backups.bytes + scratch.bytes : undefined;
  return Promise.all(
    [backups, scratch].map(async ({ what, folder, bytes }) => {
      const { bavail, bsize } = await statfs(folder);
      const needed = shared ?? bytes;
      return finding(`room for ${what}`, bavail * bsize >= needed, {
        expected: `${readableSize(needed)} free${shared === undefined ? '' : ', on one disk for backups and the throw-away server'}`,
        found: readableSize(bavail * bsize),
        remedy: `free room in ${folder} of the worker, or mount a larger disk`,
      });
    }),
  );
}

/** The folder itself may not be there yet. */
async function nearest(folder: string): Promise<string> {
  const there = await stat(folder).then(
    () => true,
    () => false,
  );
  return there || folder === path.dirname(folder) ? folder : nearest(path.dirname(folder));
}

async function checkScratch(toolsFolder: string | undefined, major: number, signal: AbortSignal): Promise<Finding> {
  const facts = {
    expected: 'one that starts, answers and is gone again',
    remedy: `make it possible: no other user than root and a folder ${usualScratchFolder} that it may enter are needed`,
  };
  try {
    const { receipt } = await withScratchPostgres({ toolsFolder, atLeastMajor: major, signal }, async () => undefined);
    return finding('throw-away server', receipt.destroyed, { ...facts, found: `${receipt.serverVersion}, gone again` });
  } catch (error) {
    signal.throwIfAborted();
    return finding('throw-away server', false, { ...facts, found: safeMessage(error) });
  }
}
