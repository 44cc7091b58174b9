import type { ColumnName } from '../../contract/text/object-name';
import { qualifiedName, quoteIdentifier } from '../identifier';

/** Rows that are tried: a CHECK that wants a value refuses any. */
const triedRows = 1_000;

/**
 * Whether a CHECK refuses rows of the table if they have no value in this column. The server's own text of the expression
 * names columns alone, so it is read over rows of the same columns. One row, `yes`.
 */
export function refusesWithout(
  { schema, table, column }: ColumnName,
  columns: readonly { name: string; type: string }[],
  expression: string,
): string {
  const all = columns.map(({ name, type }) =>
    name === column ? `null::${type} as ${quoteIdentifier(name)}` : quoteIdentifier(name),
  );
  return (
    `select exists (select from (select ${all.join(', ')} from ${qualifiedName({ schema, table })} limit ${triedRows}) as ${quoteIdentifier(table)} ` +
    `where (${expression}) is false) as yes`
  );
}
