import { NotDecrypted } from '../encryption/age';
import { NotDecompressed } from '../encryption/compress';
import { decryptWhole } from '../encryption/encrypted-file';
import { readWhole } from '../files/file-digest';
import { openPostgres, type PostgresSettings } from '../postgres/postgres';
import type { ToolEnd } from '../programs/run-tool';
import { rowMarks } from '../rows/row-marks';
import { chooseEntries, extensionsOf, isGroundwork, parseArchiveList, type ArchiveEntry } from './archive-list';
import type { Difference } from './compare-fingerprints';
import { broken, changed, notDecrypted, unreadable } from './restore-difference';
import { putChecksOn, takeChecksOff } from './restored-checks';
import { createLike, handOver, usableExtensions, type EmptyDatabase } from './restored-database';
import {
  listOf,
  pgRestore,
  restoreDefinitions,
  strictly,
  type RestoreOrder,
  type ScratchOrder,
} from './run-pg-restore';

/** A restored database, or why the file does not restore. */
export type Restoration =
  | {
      restored: true;
      /** The database with the backup's rows, as its owner, who is no superuser; gone with the throw-away server. */
      connection: PostgresSettings;
      /** The same database as superuser of the throw-away server: for the catalogue alone, never for code of the dump. */
      asSuperuser: PostgresSettings;
      /** Extensions that this machine lacks; what needs them was not restored. */
      missingExtensions: string[];
      /** All that the archive holds, and the extensions that are here: to restore the rest of it from. */
      archive: Archive;
    }
  | { restored: false; difference: Difference };

/** The table of contents of a dump. */
export interface Archive {
  /** In the archive's order. */
  entries: ArchiveEntry[];
  /** Those of it that this machine can create. */
  extensions: Set<string>;
}

/** Undefined: the file is what it was. To be asked first: restoring runs whatever code is in the file. */
export async function differenceOfFile(
  order: Pick<RestoreOrder, 'file' | 'expectedSha256' | 'signal'>,
): Promise<Difference | undefined> {
  const digest = await readWhole(order.file, { signal: order.signal }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return digest?.sha256 === order.expectedSha256 ? undefined : changed(order, digest);
}

/**
 * Decrypts and restores a dump into a throw-away server: all or nothing, and only if the file still has its sha256. Left
 * out is what has nothing to do with rows and would need roles or other servers. A damaged file is a value.
 *
 * @throws if it could not be found out: no identity, no room, the server ended
 */
export async function restoreDump(order: ScratchOrder): Promise<Restoration> {
  const difference = await differenceOfFile(order);
  if (difference !== undefined) return { restored: false, difference };
  try {
    return await restore(order);
  } catch (error) {
    if (error instanceof NotDecrypted) return { restored: false, difference: notDecrypted(error) };
    if (error instanceof NotDecompressed) return { restored: false, difference: broken(error.found) };
    throw error;
  }
}

async function restore(order: ScratchOrder): Promise<Restoration> {
  const asked = [
    pgRestore(order, ['--list', '--verbose']),
    pgRestore(order, ['--create', '--schema-only', '--file=-']),
  ];
  await Promise.allSettled(asked); // nothing continues behind an error
  const [list, definition] = (await Promise.all(asked)) as [ToolEnd, ToolEnd];
  if (list.exitCode !== 0) return { restored: false, difference: unreadable(list) };
  if (definition.exitCode !== 0) return { restored: false, difference: unreadable(definition) };

  const empty = await createLike(order.scratch, /^CREATE DATABASE .*$/m.exec(definition.output)?.[0]);
  const all = parseArchiveList(list.output);
  const usable = await openPostgres(empty.asSuperuser).withClient((client) =>
    usableExtensions(client, extensionsOf(all)),
  );
  const { entries, missingExtensions } = chooseEntries(all, usable);
  const groundwork = await restoreDefinitions(order, entries.filter(isGroundwork), { connection: empty.asSuperuser });
  if (groundwork !== undefined) return { restored: false, difference: groundwork };
  await openPostgres(empty.asSuperuser).withClient(async (client) => {
    await handOver(client);
    await takeChecksOff(client);
  });
  const rest = entries.filter((entry) => !isGroundwork(entry));
  const difference = (await restoreRows(order, rest, empty.restricted)) ?? (await restoreIndexes(order, rest, empty));
  if (difference !== undefined) return { restored: false, difference };
  await openPostgres(empty.asSuperuser).withClient(putChecksOn);
  const { restricted: connection, asSuperuser } = empty;
  return { restored: true, connection, asSuperuser, missingExtensions, archive: { entries: all, extensions: usable } };
}

/** Tables and their rows, all or nothing, from the very file that was checked; without WAL, since both are new. */
async function restoreRows(
  order: ScratchOrder,
  entries: readonly ArchiveEntry[],
  connection: PostgresSettings,
): Promise<Difference | undefined> {
  const options = [...strictly, '--section=pre-data', '--section=data', await listOf(order, entries)];
  const end = await pgRestore(order, options, { connection, decrypting: decryptWhole });
  if (end.exitCode !== 0) return unreadable(end);
  return end.read?.sha256 === order.expectedSha256 ? undefined : changed(order, end.read);
}

/** What is made from the rows: one by one, so that others can read the rows meanwhile. */
async function restoreIndexes(
  order: ScratchOrder,
  entries: readonly ArchiveEntry[],
  { restricted, asSuperuser }: EmptyDatabase,
): Promise<Difference | undefined> {
  const { onRows = () => Promise.resolve(), signal } = order;
  const options = ['--section=post-data', ...strictly.filter((option) => option !== '--single-transaction')];
  const before = await rowMarks(asSuperuser, signal);
  const making = restoreDefinitions(order, entries, { connection: restricted, options });
  const looking = onRows(restricted);
  await Promise.allSettled([making, looking]); // nothing continues behind an error
  await looking;
  const difference = await making;
  if (difference === undefined && (await rowMarks(asSuperuser, signal)) !== before) await onRows(restricted);
  return difference;
}
