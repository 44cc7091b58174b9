import { chmodSync, chownSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUser } from './programs';

/**
 * An empty folder of a random name for one server. As root it is below `/var/tmp`, open to look through, since the
 * user whom PostgreSQL runs as must get to his own folder inside (`ownedFolder`).
 */
export function createThrowAwayFolder(kind: string): string {
  if (databaseUser().uid === undefined) return mkdtempSync(join(tmpdir(), `rubicon-${kind}-`));
  const folder = mkdtempSync(`/var/tmp/rubicon-${kind}-`);
  chmodSync(folder, 0o755);
  return folder;
}

/** A folder inside that belongs to the user whom PostgreSQL runs as, and that nobody else can read. */
export function createOwnedFolder(parent: string, name: string): string {
  const folder = join(parent, name);
  mkdirSync(folder, { mode: 0o700 });
  const { uid, gid } = databaseUser();
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  return folder;
}
