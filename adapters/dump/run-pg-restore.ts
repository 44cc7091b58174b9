import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { decryptStart, type EncryptedFile } from '../encryption/encrypted-file';
import type { FileDigest } from '../files/file-digest';
import type { PostgresSettings } from '../postgres/postgres';
import { toolConnection } from '../postgres/tool-connection';
import { withBeat } from '../programs/beat';
import { runTool, type ToolEnd } from '../programs/run-tool';
import type { Scratch } from '../scratch/scratch-postgres';
import type { ArchiveEntry } from './archive-list';
import type { Difference } from './compare-fingerprints';
import { unreadable } from './restore-difference';

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

/** And where to. */
export type ScratchOrder = RestoreOrder & { scratch: Scratch };

/**
 * Undefined: they are restored. Only the start of the file is read, where all definitions are; that all of it is what it was
 * is known from the pass that reads its rows.
 */
export async function restoreDefinitions(
  order: ScratchOrder,
  entries: readonly ArchiveEntry[],
  { connection, options = strictly }: { connection: PostgresSettings; options?: readonly string[] },
): Promise<Difference | undefined> {
  if (entries.length === 0) return undefined;
  const end = await pgRestore(order, [...options, await listOf(order, entries)], { connection });
  return end.exitCode === 0 ? undefined : unreadable(end);
}

/** The statements that would restore them. @throws Error with the first complaint of `pg_restore` */
export async function scriptOf(order: ScratchOrder, entries: readonly ArchiveEntry[]): Promise<string> {
  if (entries.length === 0) return '';
  const end = await pgRestore(order, ['--no-owner', '--file=-', await listOf(order, entries)]);
  if (end.exitCode !== 0) throw new Error(`expected the statements of an archive, found: ${end.complaint}`);
  return end.output;
}

/** The option that restores these alone, in this order. */
export async function listOf({ scratch }: { scratch: Scratch }, entries: readonly ArchiveEntry[]): Promise<string> {
  const file = path.join(scratch.folder, 'list');
  await writeFile(file, entries.map(({ line }) => `${line}\n`).join(''), { mode: 0o600 });
  return `--use-list=${file}`;
}

/** All or nothing, with no owners and no rights. */
export const strictly = [
  ...['--single-transaction', '--exit-on-error', '--no-owner', '--no-privileges', '--no-tablespaces', '--no-password'],
  ...['--no-comments', '--no-publications', '--no-subscriptions', '--no-security-labels'],
];

/** Where `pg_restore` restores to, and how it reads its file. */
interface Restoring {
  /** Default: nowhere, it only prints. */
  connection?: PostgresSettings;
  /** Default: as much as it asks for. */
  decrypting?: (file: EncryptedFile, target: Writable) => Promise<FileDigest | void>;
}

/**
 * Runs `pg_restore` over the file; without a connection it only prints. It reads from a pipe: nothing of the file is
 * decrypted on a disk.
 */
export async function pgRestore(
  { scratch, onProgress, ...file }: ScratchOrder,
  options: readonly string[],
  { connection, decrypting = decryptStart }: Restoring = {},
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
