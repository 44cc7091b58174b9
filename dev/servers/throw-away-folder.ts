import { accessSync, chmodSync, chownSync, constants, mkdirSync, mkdtempSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUser } from './programs';

/** A server in memory makes and removes databases with a third less work; a small machine needs its memory. */
const gib = 1_024 ** 3;
const wantedGib = { shm: 4, free: 8 };

/**
 * An empty folder of a random name for one server, in memory where there is plenty. As root it is open to look through, since the user
 * whom PostgreSQL runs as must get to his own folder inside (`createOwnedFolder`).
 */
export function createThrowAwayFolder(kind: string): string {
  const isRoot = databaseUser().uid !== undefined;
  const folder = mkdtempSync(join(hasMemory() ? shm : isRoot ? '/var/tmp' : tmpdir(), `rubicon-${kind}-`));
  if (isRoot) chmodSync(folder, 0o755);
  return folder;
}

const shm = '/dev/shm';

function hasMemory(): boolean {
  try {
    accessSync(shm, constants.W_OK);
    const { bavail, bsize } = statfsSync(shm);
    return bavail * bsize > wantedGib.shm * gib && freemem() > wantedGib.free * gib;
  } catch {
    return false; // no such folder on macOS
  }
}

/** A folder inside that belongs to the user whom PostgreSQL runs as, and that nobody else can read. */
export function createOwnedFolder(parent: string, name: string): string {
  const folder = join(parent, name);
  mkdirSync(folder, { mode: 0o700 });
  const { uid, gid } = databaseUser();
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  return folder;
}
