import type { PostgresSettings } from '../postgres/postgres';
import { requirePostgresTools, type PostgresTools, type PostgresToolsSettings } from '../postgres/tools';
import { makeScratchFolder, removeScratchFolder, usualScratchFolder } from './folder';
import { guardScratch } from './guard';
import { startScratchServer, type ServerOrder } from './server';
import { sweepScratch } from './sweep';

/** Where and how a throw-away server is made. */
export interface ScratchSettings extends PostgresToolsSettings {
  /** Folder to make it in; needs disk space for the whole database. Default `/var/tmp`. */
  folder?: string | undefined;
  /** Version of the server that the data come from: an older one would not take them. */
  atLeastMajor?: number | undefined;
  /** One more role that may log in, once it was made. */
  alsoAs?: string | undefined;
  /** Ends the server at once; the callback's sessions break, and everything is removed. */
  signal?: AbortSignal | undefined;
}

/** A throw-away server that is running. */
export interface Scratch {
  /** As superuser, by the server's socket; there is no other way in, and none for other users of the machine. */
  connection: (database: string) => PostgresSettings;
  /** As a role that is no superuser, for whatever runs code of a dump. */
  restricted: (database: string) => PostgresSettings;
  /** As the role `alsoAs`, likewise. */
  as: (role: string, database: string) => PostgresSettings;
  /** For our own small files; goes with the rest. */
  folder: string;
  /** Those that it runs with. */
  tools: PostgresTools;
}

/** Says that nothing of a throw-away server is left: no process, no file. */
export interface ScratchReceipt {
  destroyed: true;
  /** The folder that is gone. */
  folder: string;
  /** ISO. */
  startedAt: string;
  /** ISO. */
  destroyedAt: string;
  /** Of the program `postgres`, such as `18.4`. */
  serverVersion: string;
}

/**
 * Starts a PostgreSQL server for `callback` alone and destroys it afterwards, also if that fails or is cancelled. It is
 * made for a whole backup in clear text, so: no network, no other user, hardly any WAL, and a guard that removes it
 * should the worker be killed. What even the guard could not (the machine was restarted) the next call sweeps away.
 *
 * @throws what the callback throws; the signal's reason; if something is left of the server
 */
export async function withScratchPostgres<T>(
  settings: ScratchSettings,
  callback: (scratch: Scratch) => Promise<T>,
): Promise<{ value: T; receipt: ScratchReceipt }> {
  const { folder: base = usualScratchFolder, signal } = settings;
  signal?.throwIfAborted();
  const tools = await requirePostgresTools(settings, settings.atLeastMajor);
  await sweepScratch(base);
  const startedAt = new Date().toISOString();
  const { sign, ...paths } = await makeScratchFolder(base);
  const dismissGuard = guardScratch(paths.cluster);
  let value: T;
  try {
    value = await withServer({ tools, paths, signal, alsoAs: settings.alsoAs }, callback).catch(
      async (error: unknown) => {
        await removeScratchFolder(paths).catch((addition: unknown) => addTo(error, addition));
        throw error;
      },
    );
    await removeScratchFolder(paths);
  } finally {
    sign.close();
    dismissGuard();
  }
  const receipt = { destroyed: true, folder: paths.folder, startedAt, destroyedAt: new Date().toISOString() } as const;
  return { value, receipt: { ...receipt, serverVersion: tools.versions.postgres ?? '' } };
}

async function withServer<T>(order: ServerOrder, callback: (scratch: Scratch) => Promise<T>): Promise<T> {
  const { tools, paths, signal } = order;
  const server = await startScratchServer(order);
  try {
    const { connection, restricted, as } = server;
    const value = await callback({ connection, restricted, as, folder: paths.folder, tools });
    signal?.throwIfAborted();
    return value;
  } catch (error) {
    signal?.throwIfAborted(); // broken sessions are the consequence, not the reason
    throw error;
  } finally {
    await server.stop();
  }
}

function addTo(error: unknown, addition: unknown): void {
  if (error instanceof Error && addition instanceof Error) error.message += `; moreover ${addition.message}`;
}
