import type { PostgresClient } from '../../adapters/postgres';
import { PostgresError } from '../../adapters/postgres-error';
import { runStatements } from '../../adapters/postgres-statements';
import { withPlainNames } from '../../adapters/search-path';
import { sqlstate } from '../../adapters/sqlstate';
import { putConstraintOn, selectChecks, takeCheckOff } from '../../sql/checks';
import type { CheckConstraint } from '../../sql/checks';
import type { TableName } from '../../contract/object-name';

/**
 * Writes rows that came from the table back into it, in the transaction that is open. A CHECK that refuses what it took
 * once (`ends_at > now()`) is taken off for them alone, under a lock, and put on again as NOT VALID: it holds for whatever
 * is written next. Guards against rows that can't come back for a reason that nobody can mend: time.
 */
export async function aroundChecks<T>(client: PostgresClient, table: TableName, write: () => Promise<T>): Promise<T> {
  const off: CheckConstraint[] = [];
  const value = await untilTaken(client, table, write, off);
  for (const check of off) await runStatements(client, putConstraintOn(table, check));
  return value;
}

async function untilTaken<T>(
  client: PostgresClient,
  table: TableName,
  write: () => Promise<T>,
  off: CheckConstraint[],
): Promise<T> {
  for (;;) {
    await client.query('savepoint around_checks');
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof PostgresError) || error.sqlstate !== sqlstate.checkViolation) throw error;
      await client.query('rollback to savepoint around_checks');
      const refusing = (await findChecks(client, table)).find(({ name }) => name === error.constraint);
      if (refusing === undefined) throw error; // of a domain: no session can write it
      await runStatements(client, [takeCheckOff(table, refusing)]);
      off.push(refusing);
    }
  }
}

export const findChecks = (client: PostgresClient, { schema, table }: TableName): Promise<CheckConstraint[]> =>
  withPlainNames(client, async () => (await client.query<CheckConstraint>(selectChecks, [schema, table])).rows);
