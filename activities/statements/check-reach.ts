import type { PostgresClient } from '../../adapters/postgres/postgres';
import { readNamedTables, type NamedTable } from '../../adapters/dependents/named-tables';
import { shown } from '../../contract/text/faults';
import type { TableName } from '../../contract/text/object-name';
import { goneColumns, goneTables } from '../../contract/plan/places';
import type { DatabaseRemoval } from '../../contract/plan/removal';
import type { Reach } from '../../sql/statements/reach';
import { StatementFault } from '../../sql/statements/statement-fault';

/**
 * Asks the server what no text says: that what a statement names are tables (a view can show anything, under any name),
 * that `s.name` is a column (and no function of the row), and that no table is a part of one from which something goes.
 *
 * @throws StatementFault with the first thing that is otherwise
 */
export async function checkReach(
  client: PostgresClient,
  reach: Reach,
  removals: readonly DatabaseRemoval[],
): Promise<void> {
  const tables = await readNamedTables(client, reach.tables);
  for (const [index, table] of tables.entries()) checkTable(table, removals, reach.tables[index]?.place);
  const find = (name: TableName): NamedTable[] => tables.filter((table) => isSame(table, name));
  for (const { column, tables: of, place } of reach.columns) {
    const known = of.flatMap(find);
    if (known.some((table) => removedFrom(table, removals).has(column))) throw removedWhere(column, place);
    if (!known.some(({ columns }) => columns.includes(column)))
      throw new StatementFault(
        `expected a column of ${shown(of[0]?.table)}, found ${shown(column)}; name a column`,
        place,
      );
  }
  for (const { place, ...name } of reach.whole) {
    const [column] = find(name).flatMap((table) => [...removedFrom(table, removals)]);
    if (column !== undefined) throw removedWhere(column, place);
  }
  for (const { column, place } of reach.names)
    if (tables.some((table) => removedFrom(table, removals).has(column))) throw removedWhere(column, place);
}

function checkTable(table: NamedTable, removals: readonly DatabaseRemoval[], place: number | undefined): void {
  const { kind } = table;
  const name = `${table.schema}.${table.table}`;
  if (kind !== 'r' && kind !== 'p')
    throw new StatementFault(
      `expected a table, found ${kind === null ? 'none' : (kinds[kind] ?? 'something else')} of the name ${shown(name)}; name a table`,
      place,
    );
  const removed = goneTables(removals).find((removal) => table.family.some((each) => isSame(each, removal)));
  if (removed !== undefined) throw removedWhere(removed.table, place);
}

const kinds: Readonly<Record<string, string>> = {
  v: 'a view',
  m: 'a materialized view',
  f: 'a table of another server',
  S: 'a sequence',
  c: 'a type',
  i: 'an index',
};

/** Columns of a table, or of a part of it, that go, and those that are computed from them. */
function removedFrom(table: NamedTable, removals: readonly DatabaseRemoval[]): ReadonlySet<string> {
  const beingRemoved = goneColumns(removals)
    .filter((removal) => table.family.some((each) => isSame(each, removal)))
    .map(({ column }) => column);
  const computed = table.generated.filter(({ from }) => from.some((column) => beingRemoved.includes(column)));
  return new Set([...beingRemoved, ...computed.map(({ column }) => column)]);
}

const isSame = (a: TableName, b: TableName): boolean => a.schema === b.schema && a.table === b.table;

const removedWhere = (name: string, place: number | undefined): StatementFault =>
  new StatementFault(
    `expected a statement that works afterwards, found one that reaches "${name}"; leave it out`,
    place,
  );
