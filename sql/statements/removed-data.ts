import { shown } from '../../contract/text/faults';
import { goneColumns, goneTables } from '../../contract/plan/places';
import type { DatabaseRemoval } from '../../contract/plan/removal';
import type { TableName } from '../../contract/text/object-name';
import type { Reach } from './reach';
import { StatementFault } from './statement-fault';

/**
 * What goes, or is ours, is out of a statement's reach: what it counts, how long it takes and how it fails would tell of
 * values. By names alone; what only the server knows (views, partitions, names that are no columns) is asked when it runs.
 *
 * @throws StatementFault with the first thing that it reads and must not
 */
export function keepFromRemoved(reach: Reach, removals: readonly DatabaseRemoval[]): void {
  for (const table of reach.tables) keepTable(table, removals);
  const columns = goneColumns(removals);
  const beingRemoved = new Set(columns.map(({ column }) => column));
  for (const { column, place } of reach.names)
    if (beingRemoved.has(column) || isOurs(column)) throw worksNoMore(column, place);
  for (const { column, tables, place } of reach.columns) {
    const removedWhere = columns.some((each) => each.column === column && tables.some((table) => isSame(table, each)));
    if (removedWhere || isOurs(column)) throw worksNoMore(column, place);
  }
  for (const { place, ...table } of reach.whole) {
    const column = columns.find((each) => isSame(table, each))?.column;
    if (column === undefined) continue;
    throw new StatementFault(
      `expected columns that stay, found "*" of ${table.table}, which has ${shown(column)}; name the columns`,
      place,
    );
  }
}

function keepTable({ place, ...table }: Reach['tables'][number], removals: readonly DatabaseRemoval[]): void {
  const { schema, table: name } = table;
  if (goneTables(removals).some((each) => isSame(table, each))) throw worksNoMore(name, place);
  if (!/^pg_|^information_schema$|^rubicon$/.test(schema) && !isOurs(name)) return;
  const found = shown(`${schema}.${name}`);
  throw new StatementFault(`expected a table of the application, found ${found}; leave it out`, place);
}

/** What is hidden, and what we keep beside it. */
const isOurs = (name: string): boolean => name.startsWith('rubicon_');

const isSame = (a: TableName, b: TableName): boolean => a.schema === b.schema && a.table === b.table;

const worksNoMore = (name: string, place: number | undefined): StatementFault =>
  new StatementFault(`expected a statement that works afterwards, found one that names "${name}"; leave it out`, place);
