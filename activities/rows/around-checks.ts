import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError, type Refusal } from '../../adapters/postgres/postgres-error';
import { runStatements } from '../../adapters/postgres/statements';
import { withPlainNames } from '../../adapters/postgres/search-path';
import { sqlstate } from '../../adapters/postgres/sqlstate';
import {
  putPlacedOn,
  selectChecks,
  selectChecksOfDomain,
  selectChecksOfTable,
  selectNotNull,
  takePlacedOff,
  type CheckConstraint,
  type PlacedCheck,
} from '../../sql/checks';
import type { TableName } from '../../contract/text/object-name';

/**
 * Writes what came from rows back into them, in the transaction that is open. A CHECK that refuses what is there, or was
 * (`ends_at > now()`, one that is NOT VALID), is taken off inside this transaction and put on again as NOT VALID: of a table
 * under its lock, of a domain without anybody's notice. So others never see it off. Guards against rows that can't come
 * back for a reason that nobody can mend: time.
 */
export async function aroundChecks<T>(client: PostgresClient, write: () => Promise<T>): Promise<T> {
  const off: PlacedCheck[] = [];
  const value = await untilTaken(client, write, off);
  if (off.length > 0) await client.query('set constraints all immediate'); // no ALTER while a check of the server waits
  for (const check of off.reverse()) await runStatements(client, putPlacedOn(check)); // heirs first, as they were merged
  return value;
}

async function untilTaken<T>(client: PostgresClient, write: () => Promise<T>, off: PlacedCheck[]): Promise<T> {
  for (;;) {
    await client.query('savepoint around_checks');
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof PostgresError) || !refusals.includes(error.sqlstate)) throw error;
      await client.query('rollback to savepoint around_checks');
      const refusing = await findRefusing(client, error.refusedBy);
      if (refusing.length === 0) throw error; // a partition's bounds, a view's
      await runStatements(client, refusing.map(takePlacedOff));
      off.push(...refusing);
    }
  }
}

/** Since PostgreSQL 18 NOT NULL, too, can be one that old rows need not fulfil. */
const refusals: (string | undefined)[] = [sqlstate.checkViolation, sqlstate.notNullViolation];

/** Where they were made. */
async function findRefusing(client: PostgresClient, refusal: Refusal | undefined): Promise<PlacedCheck[]> {
  if (refusal === undefined) return [];
  const { schema, constraint, table, column, domain } = refusal;
  const ask = async (sql: string, ...of: (string | undefined)[]): Promise<PlacedCheck[]> =>
    (await withPlainNames(client, () => client.query<PlacedCheck>(sql, [schema, ...of]))).rows;
  if (table !== undefined && constraint !== undefined) return ask(selectChecksOfTable, table, constraint);
  if (table !== undefined && column !== undefined) return ask(selectNotNull, table, column);
  return domain === undefined || constraint === undefined ? [] : ask(selectChecksOfDomain, domain, constraint);
}

export const findChecks = (client: PostgresClient, { schema, table }: TableName): Promise<CheckConstraint[]> =>
  withPlainNames(client, async () => (await client.query<CheckConstraint>(selectChecks, [schema, table])).rows);
