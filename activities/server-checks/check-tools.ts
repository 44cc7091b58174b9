import { readIdentity } from '../../adapters/server/identity';
import { readBackupBytes } from '../../adapters/server/size';
import { findPostgresTools } from '../../adapters/postgres/tools';
import type { PostgresTools, ToolsSearch } from '../../adapters/postgres/tools';
import { usualScratchFolder } from '../../adapters/scratch/folder';
import { withScratchPostgres } from '../../adapters/scratch/scratch-postgres';
import { safeMessage } from '../../adapters/programs/secret-text';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { scopeOfBackup } from '../backup/backup-scope';
import { checkIdentities } from './check-identities';
import { checkDiskSpace } from './check-disk-space';
import { withDatabase } from '../environment/database';
import type { FindEnvironment } from '../environment/environment';
import { withHeartbeat } from '../environment/heartbeat';
import { shareLook } from '../environment/shared-look';
import type { PerformOfPlan } from '../statements/of-known-plan';

/**
 * Looks whether this worker could take and prove a backup: programs of the right version, room, a throw-away server that
 * really starts. Guards against finding that out in the change window. Leaves nothing behind.
 */
export function createCheckTools({ environment: find }: { environment: FindEnvironment }): PerformOfPlan<'checkTools'> {
  return ({ target, ...plan }) =>
    withHeartbeat(async (signal) => {
      const environment = find(target);
      const { toolsFolder, backupFolder, securityFloor = 'warn' } = environment;
      const { major, dataBytes } = await withDatabase(environment, 'tools', async (client) => {
        const { versionNumber } = await readIdentity(client);
        const dataBytes = await readBackupBytes(client, scopeOfBackup(environment, plan).tables);
        return { major: Math.floor(versionNumber / 10_000), dataBytes };
      });
      const search = await findPostgresTools({ toolsFolder }, major);
      const places = [...(await checkDiskSpace(backupFolder, dataBytes)), await checkIdentities(environment)];
      if (search.tools === undefined) return [programs(search, major), ...places];
      const floor = checkSecurityFloor(search.tools, securityFloor);
      return [
        programs(search, major),
        floor,
        ...places,
        await checkScratch(JSON.stringify({ toolsFolder, major }), signal),
      ];
    });
}

/** `major`: of the server, whose dump they are to write and read. */
export function programs({ tools, reasons }: ToolsSearch, major: number): Finding {
  return finding('client programs', tools !== undefined, {
    expected: `pg_dump, pg_restore, initdb and postgres of version ${major} or newer in one folder`,
    found: tools === undefined ? reasons.join('; ') : `${tools.versions.pg_dump}`,
    remedy: `install PostgreSQL ${major} on the worker, or name the folder as "tools" in the settings`,
  });
}

/** Earlier clients can be made to run code by a crafted dump (CVEs in restoring). */
const floors: Record<number, number> = { 15: 20, 16: 16, 17: 12, 18: 7 };

/** Newer versions than we know of have these mended. The dumps that are restored here are our own: a warning may do. */
export function checkSecurityFloor({ major, versions }: PostgresTools, floorIs: 'warn' | 'block'): Finding {
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
  return { check, status: floorIs === 'block' ? 'failed' : 'not covered', expected, found, remedy };
}

/** Staging and production of one worker share it; so does a preflight that is tried again. */
const checkScratch = shareLook({ forMs: 60_000, isGood: ({ status }) => status === 'passed' }, tryScratch);

/** @param search as JSON: the folder of the programs, if it is named, and their least version */
async function tryScratch(search: string): Promise<Finding> {
  const { toolsFolder, major } = JSON.parse(search) as { toolsFolder?: string; major: number };
  const facts = {
    expected: 'one that starts, answers and is gone again',
    remedy: `make it possible: no other user than root and a folder ${usualScratchFolder} that it may enter are needed`,
  };
  try {
    const { receipt } = await withScratchPostgres({ toolsFolder, atLeastMajor: major }, async () => undefined);
    return finding('throw-away server', receipt.destroyed, { ...facts, found: `${receipt.serverVersion}, gone again` });
  } catch (error) {
    return finding('throw-away server', false, { ...facts, found: safeMessage(error) });
  }
}
