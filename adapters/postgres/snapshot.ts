import { openPostgres, type PostgresClient, type PostgresSettings } from './postgres';
import { withTransaction } from './transaction';

/** One state of a database that several sessions can look at together. */
export interface Snapshot {
  /**
   * What `pg_dump --snapshot` and SET TRANSACTION SNAPSHOT take, while its transaction is open (PostgreSQL
   * documentation, "Snapshot Synchronization Functions").
   */
  id: string;
  /** Session inside the snapshot's own read-only transaction. */
  client: PostgresClient;
  /** The server's clock, ISO. */
  takenAt: string;
}

/**
 * Exports a snapshot and keeps it open while `callback` runs: what a dump and a fingerprint find in it is the same,
 * however much is written meanwhile. It holds back vacuum in the whole database for as long.
 *
 * @param signal ends the session at once, and the server its statement
 */
export async function withSnapshot<T>(
  connection: PostgresSettings,
  callback: (snapshot: Snapshot) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  // The whole dump has to fit in: the caller's signal is the limit.
  const postgres = openPostgres({ ...connection, statementTimeoutMs: 0 });
  const options = {
    isolation: 'repeatable read',
    readOnly: true,
    lockTimeoutMs: 10_000, // behind an ALTER: better tried again than waited for
  } as const;
  return postgres.withClient(
    (client) =>
      withTransaction(client, options, async () => {
        await client.query(noLimits);
        const { rows } = await client.query<{ id: string; takenAt: string }>(
          `select pg_export_snapshot() as id, to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "takenAt"`,
        );
        if (rows[0] === undefined) throw new Error('expected an exported snapshot, found no row');
        return callback({ ...rows[0], client });
      }),
    signal,
  );
}

/** The role's own limits, too. That of whole transactions exists since PostgreSQL 17. */
const noLimits = `select set_config(name, '0', true) from pg_settings
  where name in ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`;
