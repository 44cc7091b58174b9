import { chmod, chown, lstat, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import path from 'node:path';
import { serverUser } from '../postgres/tools';
import { runTool } from '../programs/run-tool';
import { endServer } from './processes';

/** Where throw-away servers are made unless told otherwise: reachable for every user, and not in memory. */
export const usualScratchFolder = '/var/tmp';

/** Begins the name of every folder that the sweep may remove. */
export const scratchPrefix = 'rubicon-scratch-';

/** Longest path of a socket that every platform takes. */
const longestSocketPathBytes = 100;

/** Where the parts of a throw-away server are. */
export interface ScratchPaths {
  /** Holds all the others. */
  folder: string;
  /** The server's own; all that it writes is below. */
  cluster: string;
  /** PGDATA. */
  data: string;
  /** Folder of the server's socket. */
  socket: string;
  /** Socket that the owner listens on for as long as it lives. */
  alive: string;
}

/** Of one folder, whether it is there or not. */
export function scratchPaths(folder: string): ScratchPaths {
  const cluster = path.join(folder, 'cluster');
  return {
    ...{ folder, cluster, data: path.join(cluster, 'data'), socket: path.join(cluster, 's') },
    alive: path.join(folder, 'alive'),
  };
}

/**
 * Makes a folder that only we and the server can enter, with our sign of life; `sign.close()` takes that back.
 *
 * @throws Error if `base` is not writable, or its path too long for a socket
 */
export async function makeScratchFolder(base: string): Promise<ScratchPaths & { sign: Server }> {
  const paths = scratchPaths(await makeFolder(base));
  try {
    if (Buffer.byteLength(`${paths.socket}/.s.PGSQL.5432`) > longestSocketPathBytes)
      throw new Error(
        `expected a folder for throw-away servers with a path of at most 50 bytes, since that of a socket is limited, found ${base}`,
      );
    const user = serverUser();
    if (user !== undefined) await chmod(paths.folder, 0o711); // the server's user passes through, no one lists it
    const sign = await listen(paths.alive);
    const owner = { pid: process.pid, host: hostname(), startedAt: new Date().toISOString() };
    await writeFile(path.join(paths.folder, 'owner.json'), JSON.stringify(owner), { mode: 0o600 });
    for (const folder of [paths.cluster, paths.socket]) {
      await mkdir(folder, { mode: 0o700 });
      if (user !== undefined) await chown(folder, user.uid, user.gid);
    }
    return { ...paths, sign };
  } catch (error) {
    await rm(paths.folder, { recursive: true, force: true });
    throw error;
  }
}

async function makeFolder(base: string): Promise<string> {
  try {
    return await mkdtemp(path.join(await realpath(base), scratchPrefix));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      `expected a writable folder for throw-away servers at ${base}, found ${code}; create it for the user of this worker`,
    );
  }
}

function listen(file: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy()).unref();
  return new Promise((resolve, reject) => server.once('error', reject).listen(file, () => resolve(server)));
}

/**
 * Ends the server in this folder and removes everything; safe to repeat, and alongside another one that does the same.
 *
 * @throws if anything of it is left, since that holds the data of a backup
 */
export async function removeScratchFolder({ folder, cluster, data }: ScratchPaths): Promise<void> {
  await endServer(data);
  const user = serverUser();
  // Not as root: what may write below `cluster` could put a link in the way of what is removed there.
  if (user !== undefined)
    await runTool({ program: '/bin/sh', arguments: ['-c', 'cd "$1" && rm -rf data s', 'sh', cluster], user });
  await rm(folder, { recursive: true, force: true });
  const left = await lstat(folder).catch(() => undefined);
  if (left !== undefined)
    throw new Error(`expected no ${folder}, found it; remove it by hand, it holds data of a backup`);
}
