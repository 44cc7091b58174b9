import type { PostgresClient } from '../../adapters/postgres/postgres';
import { findUniqueRules } from '../../adapters/catalogue/unique-rules';
import { readShape } from '../../adapters/catalogue/table-shape';
import type { TableShape } from '../../adapters/catalogue/table-shape';
import type { TableName } from '../../contract/text/object-name';
import { isTaken } from '../../sql/conflicts';
import { qualifiedName } from '../../sql/identifier';

interface ComingRows {
  /** The table's columns as they are; default: looked up. */
  now?: TableShape | undefined;
  /** The columns that the rows were written with; default: the same. */
  shape?: TableShape | undefined;
  /** Name of the record in the statement. */
  record: string;
}

/**
 * Conditions by which a row that comes back is found to collide with one that is there; undefined where the server looks
 * by itself. It does not where a unique rule may be checked late: its check is a trigger, which a session without triggers
 * leaves out, so that two rows would have what only one may have. And it takes no `on conflict` for a table with a rewrite
 * rule for INSERT or UPDATE (0A000), also if that is switched off.
 */
export async function deferredTaken(
  client: PostgresClient,
  table: TableName,
  { now, shape, record }: ComingRows,
): Promise<string[] | undefined> {
  const rules = await findUniqueRules(client, table);
  if (rules.every(({ immediate }) => immediate) && !(await hasWriteRule(client, table))) return undefined;
  const columns = (now ?? (await readShape(client, table)))?.columns ?? [];
  const known = new Set((shape?.columns ?? columns).map(({ name }) => name));
  return rules.map((rule) => isTaken(rule, table, { columns, known, record }));
}

async function hasWriteRule(client: PostgresClient, table: TableName): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from pg_rewrite where ev_class = $1::regclass and ev_type in ('2', '3') limit 1`, // UPDATE, INSERT
    [qualifiedName(table)],
  );
  return rowCount > 0;
}
