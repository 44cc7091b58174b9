import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { encrypt } from '../encryption/age';
import { withBeat } from '../programs/beat';
import { compress, compression } from '../encryption/compress';
import { dumpScope } from './dump-scope';
import { failPoint } from '../programs/fail-point';
import { writeWhole, type FileDigest } from '../files/file-digest';
import { openPostgres, type PostgresSettings } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';
import { endSession, findSessions } from '../server/sessions';
import { requirePostgresTools, type PostgresTools, type PostgresToolsSettings } from '../postgres/tools';
import { runTool, type ToolEnd } from '../programs/run-tool';
import { toolConnection } from '../postgres/tool-connection';
import { refuseExisting, writeOnce } from '../files/write-once';

/** Which database is dumped, how much of it, and into which file. */
export interface DumpOrder extends PostgresToolsSettings {
  /** As a role that may read all that is dumped. */
  connection: PostgresSettings;
  /** Name of the new file; its folder must be there. */
  file: string;
  /** Who can decrypt it, `age1…`. */
  recipient: string;
  /** Id of a snapshot that stays open until the end, see `withSnapshot`. */
  snapshot: string;
  /** Only the data of these (with their partitions), but the definitions of all; default: the whole database. */
  tables?: readonly TableName[] | undefined;
  /** No data at all. Default false. */
  definitionsOnly?: boolean | undefined;
  /** Ends the dump; its reason is thrown. */
  signal?: AbortSignal | undefined;
  /** Called every second. */
  onProgress?: ((progress: { sizeBytes: number }) => void) | undefined;
}

/** A dump that is whole and on disk. Size and sha256 are those of the encrypted file. */
export interface Dump extends FileDigest {
  /** As ordered. */
  file: string;
  /** ISO, by our own clock. */
  startedAt: string;
  /** Until the file was whole and on disk. */
  tookMs: number;
  /** Such as `16.14`. */
  serverVersion: string;
  /** Of `pg_dump`, such as `18.4`. */
  clientVersion: string;
  /** How the archive is compressed as a whole, below the encryption. */
  compression: typeof compression;
}

/**
 * Writes the snapshot of a database to a new file in `pg_dump`'s custom format, compressed by us (`pg_dump` would need the
 * time for reading) and encrypted on its way: it stands on no disk in clear. That the file can be restored is not known
 * yet: see `proveDump`.
 *
 * The file has mode 0600; its name appears once it is whole and on disk. A dump that fails or is cancelled leaves no file,
 * no process and no session in the server.
 */
export async function dumpDatabase(order: DumpOrder): Promise<Dump> {
  order.signal?.throwIfAborted();
  await refuseExisting(order.file); // before the server is put to work
  const startedAt = new Date();
  const { serverVersion, scope } = await askServer(order);
  const tools = await requirePostgresTools(order, Number.parseInt(serverVersion, 10));
  const digest = await writeOnce(order.file, (handle) => dumpInto(handle, order, { tools, scope }));
  return {
    file: order.file,
    ...digest,
    startedAt: startedAt.toISOString(),
    tookMs: Date.now() - startedAt.getTime(),
    serverVersion,
    clientVersion: tools.versions.pg_dump ?? '',
    compression,
  };
}

async function askServer({
  connection,
  tables,
  definitionsOnly,
  signal,
}: DumpOrder): Promise<{ serverVersion: string; scope: string[] }> {
  return openPostgres(connection).withClient(async (client) => {
    const { rows } = await client.query<{ version: string }>(
      `select (regexp_match(current_setting('server_version'), '^[\\w.]+'))[1] as version`,
    );
    return {
      serverVersion: rows[0]?.version ?? '',
      scope: definitionsOnly ? ['--schema-only'] : tables === undefined ? [] : await dumpScope(client, tables),
    };
  }, signal);
}

async function dumpInto(
  handle: FileHandle,
  { connection, recipient, snapshot, signal, onProgress }: DumpOrder,
  { tools, scope }: { tools: PostgresTools; scope: readonly string[] },
): Promise<FileDigest> {
  // A name of its own: the session that holds the snapshot must not be taken for this one.
  const applicationName = `${connection.applicationName.slice(0, 45)} dump ${randomBytes(4).toString('hex')}`;
  let [sizeBytes, digest]: [number, FileDigest | undefined] = [0, undefined];
  const dumping = {
    program: `${tools.folder}/pg_dump`,
    arguments: [
      ...['--format=custom', '--compress=0', `--snapshot=${snapshot}`, '--no-password'],
      ...['--lock-wait-timeout=10s', '--quote-all-identifiers', ...scope],
    ],
    environment: toolConnection(connection, applicationName),
    signal,
    output: async (stdout: Readable) => {
      await failPoint('backup: dump running');
      digest = await writeWhole(handle, encrypt(compress(stdout), recipient), (bytes) => (sizeBytes = bytes));
    },
  };
  let end: ToolEnd | undefined;
  try {
    end = await withBeat(onProgress && (() => onProgress({ sizeBytes })), () => runTool(dumping));
  } finally {
    // A session that waits for a lock would keep waiting for a client that is gone.
    if (typeof end?.exitCode !== 'number') await endSessions(connection, applicationName).catch(() => undefined);
  }
  if (end.exitCode !== 0 || digest === undefined)
    throw new Error(`expected a complete dump, found: ${end.complaint}; nothing was kept`);
  return digest;
}

async function endSessions(connection: PostgresSettings, applicationName: string): Promise<void> {
  await openPostgres({ ...connection, statementTimeoutMs: 10_000 }).withClient(async (client) => {
    for (const session of await findSessions(client, applicationName)) await endSession(client, session);
  });
}
