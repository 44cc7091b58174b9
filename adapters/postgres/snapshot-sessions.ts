import pg from 'pg';
import type { Postgres, PostgresClient } from './postgres';
import type { TableName } from './sql-name';
import { useSystemNames } from './search-path';
import { withTransaction, type TransactionOptions } from './transaction';

/** Two sessions in one snapshot; each in a read-only transaction of its own. */
export type SnapshotSessions = readonly [PostgresClient, PostgresClient];

/** Behind an ALTER: better tried again than waited for. */
const options: TransactionOptions = { isolation: 'repeatable read', readOnly: true, lockTimeoutMs: 10_000 };

/**
 * Two sessions that see one state of the database while `callback` runs, however much is written meanwhile. It holds back
 * vacuum in the whole database for as long, and every attempt to alter or rewrite one of the tables.
 */
export function withSnapshotSessions<T>(
  postgres: Postgres,
  { tables, signal }: { tables: readonly TableName[]; signal?: AbortSignal },
  callback: (sessions: SnapshotSessions) => Promise<T>,
): Promise<T> {
  const inTransaction = <R>(work: (session: PostgresClient) => Promise<R>): Promise<R> =>
    postgres.withClient(
      (session) =>
        withTransaction(session, options, async () => {
          await useSystemNames(session);
          return work(session);
        }),
      signal,
    );

  return inTransaction(async (first) => {
    await lockTables(first, tables);
    const { rows } = await first.query<{ id: string }>('select pg_export_snapshot() as id');
    const id = pg.escapeLiteral(rows[0]?.id ?? '');
    return inTransaction(async (second) => {
      await second.query(`set transaction snapshot ${id}`);
      await lockTables(second, tables);
      return callback([first, second]);
    });
  });
}

/**
 * Keeps tables from being altered and rewritten until the transaction ends. To be called before its first query: a table
 * that is rewritten by ALTER or TRUNCATE between the snapshot and the first look looks empty in that snapshot.
 */
export async function lockTables(session: PostgresClient, tables: readonly TableName[]): Promise<void> {
  for (const { schema, table } of tables) {
    const name = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`;
    await session.query(`lock table ${name} in access share mode`);
  }
}
