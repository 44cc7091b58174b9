import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { sqlstate } from '../../adapters/postgres/sqlstate';
import { quoteIdentifier } from '../../sql/identifier';

/**
 * Writes back a value that is longer than a page, in the transaction that is open, into a table with columns of storage
 * `plain`. Such a value was stored elsewhere before somebody chose `plain`, which holds for what is written from then on: the
 * server keeps the one and refuses to write it again. So the columns are `extended` inside this transaction, and
 * `plain` again at its end: nobody else sees it. Guards against a rollback that can't end.
 *
 * @param relation quoted name of the table, or of the partition that is written
 */
export async function aroundPlainStorage<T>(
  client: PostgresClient,
  relation: string,
  write: () => Promise<T>,
): Promise<T> {
  const { rows } = await client.query<{ name: string }>(selectPlain, [relation]);
  if (rows.length === 0) return write();
  const alter = (storage: string): Promise<unknown> =>
    client.query(
      `alter table only ${relation} ` +
        rows.map(({ name }) => `alter ${quoteIdentifier(name)} set storage ${storage}`).join(', '),
    );
  await client.query('savepoint around_plain_storage');
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof PostgresError) || error.sqlstate !== sqlstate.programLimitExceeded) throw error;
    await client.query('rollback to savepoint around_plain_storage');
  }
  await alter('extended');
  const value = await write();
  await client.query('set constraints all immediate'); // no ALTER while a check of the server waits
  await alter('plain');
  return value;
}

/** Columns whose values could be stored elsewhere, if they were allowed to. */
const selectPlain = `
  select a.attname as name from pg_attribute a join pg_type t on t.oid = a.atttypid
   where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attstorage = 'p' and t.typstorage <> 'p'`;
