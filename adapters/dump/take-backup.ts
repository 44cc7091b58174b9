import { rm } from 'node:fs/promises';
import { dumpDatabase, type Dump, type DumpOrder } from './dump';
import { fingerprintTables, listTables, type TableFingerprint } from '../rows/fingerprint';
import { withSnapshot } from '../postgres/snapshot';

/** One dump, with the fingerprints of what is in it. */
export interface BackupOrder extends Omit<DumpOrder, 'snapshot' | 'onProgress'> {
  /** Called every second. */
  onProgress?: ((progress: { sizeBytes?: number; tablesDone?: number }) => void) | undefined;
}

/** A dump, and what its restore is compared with. */
export interface Backup {
  dump: Dump;
  /** Of the dumped tables, taken in the dump's own snapshot: what `proveDump` compares with. */
  fingerprints: TableFingerprint[];
}

/**
 * Dumps a database and fingerprints its tables side by side, in one snapshot. Both or none: when one of the two fails,
 * the other one is ended and no file is left.
 */
export async function takeBackup(order: BackupOrder): Promise<Backup> {
  const { connection, tables, onProgress, signal } = order;
  const failed = new AbortController();
  const either = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  let dump: Dump | undefined;
  try {
    return await withSnapshot(
      connection,
      async ({ id, client }) => {
        const dumping = dumpDatabase({ ...order, snapshot: id, signal: either });
        const comparing = listTables(client).then((all) => fingerprintTables(client, tables ?? all, { onProgress }));
        const halves = [dumping.then((made) => void (dump = made)), comparing] as const;
        for (const half of halves) half.catch((error: unknown) => failed.abort(error));
        await Promise.allSettled(halves);
        failed.signal.throwIfAborted();
        return { dump: await dumping, fingerprints: await comparing };
      },
      either,
    );
  } catch (error) {
    if (dump !== undefined) await rm(dump.file, { force: true });
    throw error;
  }
}
