import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { NotDecrypted } from '../encryption/age';
import { chooseEntries, extensionsOf, isGroundwork, parseArchiveList } from './archive-list';
import type { ArchiveEntry } from './archive-list';
import { withBeat } from '../programs/beat';
import { NotDecompressed } from '../encryption/compress';
import type { Difference } from './compare-fingerprints';
import { decryptStart, decryptWhole, type EncryptedFile } from '../encryption/encrypted-file';
import { openPostgres, type PostgresSettings } from '../postgres/postgres';
import { createLike, handOver, usableExtensions, type EmptyDatabase } from './restored-database';
import { rowMarks } from '../rows/row-marks';
import { putChecksOn, takeChecksOff } from './restored-checks';
import { runTool, type ToolEnd } from '../programs/run-tool';
import type { Scratch } from '../scratch/scratch-postgres';
import { toolConnection } from '../postgres/tool-connection';
import { readWhole, type FileDigest } from '../files/file-digest';

/** A dump, and the key that decrypts it. */
export interface RestoreOrder {
  /** Path of the encrypted dump. */
  file: string;
  /** Path of the file that alone decrypts it. */
  identityFile: string;
  /** As `dumpDatabase` reported it. */
  expectedSha256: string;
  /** Ends the restore; its reason is thrown. */
  signal?: AbortSignal | undefined;
  /** Called every second. */
  onProgress?: ((progress: { readBytes: number }) => void) | undefined;
  /**
   * Called once the rows are there, while their indexes and constraints are still being made, for callers that only
   * read rows; and once more, should making them have changed a row (a function in an index can). It must wait for no
   * lock longer than a moment: the session that makes an index would wait for it in turn.
   */
  onRows?: ((connection: PostgresSettings) => Promise<void>) | undefined;
}

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
  const groundwork = await restoreDefinitions(order, entries.filter(isGroundwork), empty.asSuperuser);
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

type ScratchOrder = RestoreOrder & { scratch: Scratch };

/** Tables and their rows, all or nothing, from the very file that was checked; without WAL, since both are new. */
async function restoreRows(
  order: ScratchOrder,
  entries: readonly ArchiveEntry[],
  connection: PostgresSettings,
): Promise<Difference | undefined> {
  const options = [...strictly, '--section=pre-data', '--section=data', await listOf(order, entries)];
  const end = await pgRestore(order, options, connection, decryptWhole);
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
  const making = restoreDefinitions(order, entries, restricted, options);
  const looking = onRows(restricted);
  await Promise.allSettled([making, looking]); // nothing continues behind an error
  await looking;
  const difference = await making;
  if (difference === undefined && (await rowMarks(asSuperuser, signal)) !== before) await onRows(restricted);
  return difference;
}

/**
 * Undefined: they are restored. Only the start of the file is read, where all definitions are; that all of it is what it was
 * is known from the pass that reads its rows.
 */
export async function restoreDefinitions(
  order: ScratchOrder,
  entries: readonly ArchiveEntry[],
  connection: PostgresSettings,
  options: readonly string[] = strictly,
): Promise<Difference | undefined> {
  if (entries.length === 0) return undefined;
  const end = await pgRestore(order, [...options, await listOf(order, entries)], connection);
  return end.exitCode === 0 ? undefined : unreadable(end);
}

/** The statements that would restore them. */
export async function scriptOf(order: ScratchOrder, entries: readonly ArchiveEntry[]): Promise<string> {
  if (entries.length === 0) return '';
  const end = await pgRestore(order, ['--no-owner', '--file=-', await listOf(order, entries)]);
  if (end.exitCode !== 0) throw new Error(`expected the statements of an archive, found: ${end.complaint}`);
  return end.output;
}

async function listOf({ scratch }: { scratch: Scratch }, entries: readonly ArchiveEntry[]): Promise<string> {
  const file = path.join(scratch.folder, 'list');
  await writeFile(file, entries.map(({ line }) => `${line}\n`).join(''), { mode: 0o600 });
  return `--use-list=${file}`;
}

/** All or nothing, with no owners and no rights. */
const strictly = [
  ...['--single-transaction', '--exit-on-error', '--no-owner', '--no-privileges', '--no-tablespaces', '--no-password'],
  ...['--no-comments', '--no-publications', '--no-subscriptions', '--no-security-labels'],
];

/**
 * Runs `pg_restore` over the file; without a connection it only prints. It reads from a pipe: nothing of the file is
 * decrypted on a disk.
 */
async function pgRestore(
  { scratch, onProgress, ...file }: ScratchOrder,
  options: readonly string[],
  connection?: PostgresSettings,
  decrypting: (file: EncryptedFile, target: Writable) => Promise<FileDigest | void> = decryptStart,
): Promise<ToolEnd & { read?: FileDigest }> {
  const environment = connection && toolConnection(connection, 'rubicon restore');
  let [read, readBytes]: [FileDigest | undefined, number] = [undefined, 0];
  const end = await withBeat(onProgress && (() => onProgress({ readBytes })), () =>
    runTool({
      program: path.join(scratch.tools.folder, 'pg_restore'),
      arguments: environment === undefined ? options : [...options, `--dbname=${environment.PGDATABASE}`],
      ...(environment === undefined ? {} : { environment }),
      signal: file.signal,
      input: async (stdin) => {
        read =
          (await decrypting({ ...file, isDump: true, onRead: (bytes) => (readBytes = bytes) }, stdin)) ?? undefined;
      },
    }),
  );
  return { ...end, ...(read === undefined ? {} : { read }) };
}

/** Whose fault it is: the file's, or this machine's, which says nothing about the file. */
function unreadable({ exitCode, complaint }: ToolEnd): Difference {
  const ours =
    /No space left|out of memory|Permission denied|server closed the connection|terminating connection|connection to server/;
  if (exitCode === null || ours.test(complaint))
    throw new Error(
      `expected to find out whether the backup restores, found: ${complaint}; fix this, then prove it again`,
    );
  const role = /permission denied|superuser/.test(complaint) ? 'a role without superuser restores' : 'restores';
  return broken(complaint, role);
}

const broken = (found: string, restores = 'restores'): Difference => ({
  ...{ where: 'archive', expected: `an archive that ${restores} without an error`, found },
});

const notDecrypted = ({ found }: NotDecrypted): Difference => ({
  ...{ where: 'file', expected: 'a file that its identity decrypts, whole and unchanged', found },
});

function changed(order: Pick<RestoreOrder, 'expectedSha256'>, found: FileDigest | undefined): Difference {
  const expected = `a file with sha256 ${order.expectedSha256}`;
  const other = found === undefined ? 'no such file' : `sha256 ${found.sha256} (${found.sizeBytes} bytes)`;
  return { where: 'file', expected, found: other };
}
