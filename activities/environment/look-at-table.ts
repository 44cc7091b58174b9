import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { sqlstate } from '../../adapters/postgres/sqlstate';

/** Rows, or why there are none. */
export type TableLook<Row> = { rows: Row[] } | { because: 'no such table' | 'no right to read it' };

/** Reads a table that may not be there or may not be seen: a finding then, no error. Outside of a transaction only. */
export async function lookAtTable<Row>(
  client: PostgresClient,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<TableLook<Row>> {
  try {
    return { rows: (await client.query<Row>(sql, parameters)).rows };
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    if (error.sqlstate === sqlstate.undefinedTable) return { because: 'no such table' };
    if (error.sqlstate === sqlstate.insufficientPrivilege) return { because: 'no right to read it' };
    throw error;
  }
}
