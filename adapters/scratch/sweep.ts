import { lstat, readdir } from 'node:fs/promises';
import { createConnection } from 'node:net';
import path from 'node:path';
import { removeScratchFolder, scratchPaths, scratchPrefix, usualScratchFolder } from './folder';
import { safeMessage } from '../programs/secret-text';

/** What a sweep removed, and what it could not. */
export interface ScratchSweep {
  /** Folders of dead owners that are gone now, with their servers. */
  removed: string[];
  /** Folders that could not be removed, and why; they hold the data of a backup. */
  failed: { folder: string; because: string }[];
}

/** A folder without a sign of life that is younger than this may be one that is just being made. */
const youngMs = 60_000;

/**
 * Removes what throw-away servers left behind whose owner died without cleaning up: the process is gone, the machine was
 * restarted. A sign of life is a socket that its owner listens on: the kernel closes it however the owner ends, and
 * unlike a process id it never comes to mean someone else, nor another container's process. Touches only folders of
 * our own user.
 *
 * @param base default `/var/tmp`
 */
export async function sweepScratch(base = usualScratchFolder): Promise<ScratchSweep> {
  const sweep: ScratchSweep = { removed: [], failed: [] };
  for (const name of (await readdir(base).catch(() => [])).filter((one) => one.startsWith(scratchPrefix))) {
    const paths = scratchPaths(path.join(base, name));
    try {
      if (!(await isAbandoned(paths.folder, paths.alive))) continue;
      await removeScratchFolder(paths);
      sweep.removed.push(paths.folder);
    } catch (error) {
      sweep.failed.push({ folder: paths.folder, because: safeMessage(error) });
    }
  }
  return sweep;
}

async function isAbandoned(folder: string, alive: string): Promise<boolean> {
  const facts = await lstat(folder).catch(() => undefined); // another sweep was faster
  if (facts === undefined || !facts.isDirectory() || facts.uid !== process.getuid?.()) return false;
  const answer = await call(alive);
  if (answer === 'ENOENT') return Date.now() - facts.ctimeMs > youngMs;
  return answer === 'ECONNREFUSED';
}

function call(socketFile: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection(socketFile, () => resolve('answered'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    socket.unref().once('connect', () => socket.destroy());
  });
}
