import type { PostgresClient } from '../../adapters/postgres';
import { findUniqueRules } from '../../adapters/postgres/unique-rules';
import { readShape } from '../../adapters/table-shape';
import type { TableShape } from '../../adapters/table-shape';
import type { TableName } from '../../contract/object-name';
import { isTaken } from '../../sql/conflicts';

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
 * by itself. It does not where a rule may be checked late: its check is a trigger, which a session without triggers
 * leaves out, so that two rows would have what only one may have.
 */
export async function deferredTaken(
  client: PostgresClient,
  table: TableName,
  { now, shape, record }: ComingRows,
): Promise<string[] | undefined> {
  const rules = await findUniqueRules(client, table);
  if (rules.every(({ immediate }) => immediate)) return undefined;
  const columns = (now ?? (await readShape(client, table)))?.columns ?? [];
  const known = new Set((shape?.columns ?? columns).map(({ name }) => name));
  return rules.map((rule) => isTaken(rule, table, { columns, known, record }));
}
