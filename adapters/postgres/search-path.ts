import type { PostgresClient } from './postgres';
import { withTransaction } from './transaction';

/** What names without a schema mean to the server. */

/**
 * Runs `callback` with nothing but the system's schema in the search path, so that the server prints every other name
 * qualified and two captures of the same thing are equal. Joins a transaction that is open.
 */
export async function withPlainNames<T>(client: PostgresClient, callback: () => Promise<T>): Promise<T> {
  const scoped = async (): Promise<T> => {
    const { rows } = await client.query<{ path: string }>(`select current_setting('search_path') as path`);
    await client.query('set local search_path = pg_catalog');
    const value = await callback();
    await client.query(`select set_config('search_path', $1, true)`, [rows[0]?.path]);
    return value;
  };
  if (client.transactionStatus() !== 'idle') return scoped();
  return withTransaction(client, { isolation: 'repeatable read', readOnly: true }, scoped);
}

/**
 * For sessions that run conditions of a plan: their functions and operators are the system's, whatever anyone has
 * made under these names in a schema of the usual search path. Our own temporary tables are found. Until the end of the
 * transaction that is open, or of the session.
 */
export async function useSystemNames(client: PostgresClient): Promise<void> {
  const local = client.transactionStatus() === 'idle' ? '' : 'local ';
  await client.query(`set ${local}search_path = pg_catalog, pg_temp`);
}
