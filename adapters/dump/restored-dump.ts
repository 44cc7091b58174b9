import type { Difference } from './compare-fingerprints';
import type { PostgresSettings } from '../postgres/postgres';
import type { PostgresToolsSettings } from '../postgres/tools';
import { differenceOfFile, restoreDump, type Archive } from './restore';
import type { RestoreOrder } from './run-pg-restore';
import { withScratchPostgres, type Scratch, type ScratchReceipt } from '../scratch/scratch-postgres';

/** How far a proof is, for heartbeats. */
export interface ProofProgress {
  /** `compare` can begin while indexes are still being restored. */
  phase: 'restore' | 'compare';
  /** Of the encrypted file; grows while its rows are restored. Only in `restore`. */
  readBytes?: number;
  /** Only in `compare`. */
  tablesDone?: number;
}

/** What is restored, and where. */
export interface RestoredOrder extends Omit<RestoreOrder, 'onProgress'>, PostgresToolsSettings {
  /** Where the throw-away server is made; default `/var/tmp`. */
  folder?: string | undefined;
  /** Version of the server that was dumped. */
  atLeastMajor?: number | undefined;
  /** One more role that may log in, once it was made. */
  alsoAs?: string | undefined;
  /** Called every second. */
  onProgress?: ((progress: ProofProgress) => void) | undefined;
}

/** The server that a dump was restored into, for callers that continue with it. */
export interface RestoredIn {
  /** Destroyed after the callback. */
  scratch: Scratch;
  /** The restored database as superuser: for the catalogue alone. */
  asSuperuser: PostgresSettings;
  /** Extensions that this machine lacks; what needs them was not restored. */
  missingExtensions: string[];
  /** To restore the rest of the dump from. */
  archive: Archive;
}

/** What the callback returned, or why the dump was not restored. */
export type WithRestored<T> =
  | { restored: true; value: T; missingExtensions: string[]; receipt: ScratchReceipt }
  /** The receipt is missing if the file was refused before a server was started. */
  | { restored: false; differences: Difference[]; receipt?: ScratchReceipt };

/**
 * Restores a dump into a throw-away server, calls back with its connection, destroys the server. A file whose sha256 is
 * not the expected one is refused before anything reads it; one that does not restore is a value, too.
 *
 * @throws if it could not be found out: no tools, no room, cancelled; what the callback throws
 */
export async function withRestoredDump<T>(
  order: RestoredOrder,
  callback: (connection: PostgresSettings, restoredIn: RestoredIn) => Promise<T>,
): Promise<WithRestored<T>> {
  const difference = await differenceOfFile(order);
  if (difference !== undefined) return { restored: false, differences: [difference] };
  const { value, receipt } = await withScratchPostgres(order, async (scratch) => {
    const onProgress = order.onProgress && ((told: object) => order.onProgress?.({ phase: 'restore', ...told }));
    const restoration = await restoreDump({ ...order, scratch, onProgress });
    if (!restoration.restored) return restoration;
    const { restored, connection, ...found } = restoration;
    const { missingExtensions } = found;
    return { restored, missingExtensions, value: await callback(connection, { scratch, ...found }) };
  });
  return value.restored ? { ...value, receipt } : { restored: false, differences: [value.difference], receipt };
}
