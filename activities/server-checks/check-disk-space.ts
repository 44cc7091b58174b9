import { statfs, stat } from 'node:fs/promises';
import path from 'node:path';
import { usualScratchFolder } from '../../adapters/scratch/folder';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { readableSize } from '../../contract/text/plain-text';

/** Values that no compression makes smaller, in the hexadecimal digits of a dump; encryption adds next to nothing. */
const largestDump = 1.2;

const largestCopy = 1.1;
const emptyServerBytes = 64 * 1024 ** 2;

/**
 * Whether there is room for the dump and for the copy that its proof restores. Both can be on one disk.
 *
 * @param dataBytes what is backed up, as large as it is in the database
 */
export async function checkDiskSpace(backupFolder: string, dataBytes: number): Promise<Finding[]> {
  const backups = { what: 'backups', folder: await nearestFolder(backupFolder), bytes: dataBytes * largestDump };
  const copyBytes = dataBytes * largestCopy + emptyServerBytes;
  const scratch = { what: 'the throw-away server', folder: usualScratchFolder, bytes: copyBytes };
  const shared = (await isSameDisk(backups.folder, scratch.folder)) ? backups.bytes + scratch.bytes : undefined;
  return Promise.all(
    [backups, scratch].map(async ({ what, folder, bytes }) => {
      const { bavail, bsize } = await statfs(folder);
      const needed = shared ?? bytes;
      return finding(`disk space for ${what}`, bavail * bsize >= needed, {
        expected: `${readableSize(needed)} free${shared === undefined ? '' : ', on one disk for backups and the throw-away server'}`,
        found: readableSize(bavail * bsize),
        remedy: `free disk space in ${folder} of the worker, or mount a larger disk`,
      });
    }),
  );
}

/** The folder that a new one would be made in: it may not be there yet. */
export async function nearestFolder(folder: string): Promise<string> {
  const there = await stat(folder).then(
    () => true,
    () => false,
  );
  return there || folder === path.dirname(folder) ? folder : nearestFolder(path.dirname(folder));
}

/** Whether two folders are on one file system. @throws where one is not there */
export async function isSameDisk(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([stat(one), stat(other)]);
  return first.dev === second.dev;
}
