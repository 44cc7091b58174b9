import { open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { readWhole, type FileDigest } from './file-digest';

/**
 * What a file is: its size and the digest of its bytes. A file that can't be read to its end has no digest, and can be
 * removed all the same.
 */
export async function describeFile(file: string, signal?: AbortSignal): Promise<Partial<FileDigest>> {
  try {
    return await readWhole(file, { signal });
  } catch {
    signal?.throwIfAborted();
    return stat(file).then(
      ({ size }) => ({ sizeBytes: size }),
      () => ({}),
    );
  }
}

/**
 * Removes a file so that a power cut does not bring its name back. Nothing is written over it first: on most disks and
 * file systems the old blocks would stay all the same. False if it was not there.
 */
export async function removeForGood(file: string): Promise<boolean> {
  const removed = await rm(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  const folder = await open(path.dirname(file), 'r').catch(() => undefined);
  await folder?.sync().finally(() => folder.close());
  return removed;
}
