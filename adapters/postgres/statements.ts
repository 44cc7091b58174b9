import type { PostgresClient } from './postgres';
import { PostgresError } from './postgres-error';

/** A statement, and what must come of it. */
export interface CheckedStatement {
  /** One complete statement, without parameters; it is quoted in the error. */
  sql: string;
  /** Rows that it must change, exactly; left out = any number. */
  changes?: number;
}

/**
 * Runs the statements in their order. One that changes another number of rows than it must is an error with the
 * reaction `abort`; the transaction around it is the caller's.
 */
export async function runStatements(client: PostgresClient, statements: readonly CheckedStatement[]): Promise<void> {
  for (const { sql, changes } of statements) {
    const { rowCount } = await client.query(sql);
    if (changes === undefined || rowCount === changes) continue;
    throw new PostgresError(`expected ${changes} changed rows, found ${rowCount}: ${sql}`, { reaction: 'abort' });
  }
}
