import { randomBytes } from 'node:crypto';
import { link, lstat, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

/**
 * A backup is never overwritten.
 *
 * @throws Error if there is anything of this name already, a link included
 */
export async function refuseExisting(file: string): Promise<void> {
  const found = await lstat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found !== undefined)
    throw new Error(`expected no file at ${file}, found one; it is never overwritten: choose another name`);
}

/**
 * Lets `write` fill a new file of mode 0600 which gets its name only when it is whole and on disk. If it fails, nothing
 * stays; what a killed attempt at the same name left behind is removed first, so there must be one writer at a time (an
 * older one that still lives loses its file, and fails).
 *
 * @throws Error if the name is taken or the disk is full; what `write` throws
 */
export async function writeOnce<T>(file: string, write: (open: FileHandle) => Promise<T>): Promise<T> {
  await refuseExisting(file);
  const [folder, base] = [path.dirname(file), path.basename(file)];
  for (const other of await readdir(folder))
    if (other.startsWith(`${base}.`) && other.endsWith('.partial')) await rm(path.join(folder, other), { force: true });

  const partial = `${file}.${randomBytes(4).toString('hex')}.partial`;
  const handle = await open(partial, 'wx', 0o600);
  let named = false;
  try {
    const value = await write(handle);
    await handle.sync();
    await name(partial, file);
    named = true;
    await syncFolder(folder);
    return value;
  } catch (error) {
    if (named) await rm(file, { force: true }).catch(() => undefined);
    throw explainFull(error, base);
  } finally {
    await handle.close().catch(() => undefined);
    await rm(partial, { force: true });
  }
}

function explainFull(error: unknown, base: string): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (!['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code)) return error;
  return new Error(
    `expected disk space for all of ${base}, found none left (${code}); nothing was kept: free some space, then try again`,
  );
}

/** A link, unlike a rename, never replaces a file; not every network file system has it. */
async function name(partial: string, file: string): Promise<void> {
  try {
    await link(partial, file);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
    await refuseExisting(file);
    await rename(partial, file);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
