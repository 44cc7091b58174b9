import { conditionsOf, placeOf } from '../contract/plan/places';
import type { DatabaseRemoval, RowsRemoval } from '../contract/plan/removal';
import type { TableName } from '../contract/text/object-name';
import { quoteIdentifier, quoteLiteral } from './identifier';

/** How the server compares values of one column; the adapters' `ColumnEquality` has this shape. */
export interface Equality extends TableName {
  column: string;
  /** As SQL, with its schema. */
  operator: string;
  /** What a value is written as. Absent: the server finds it. */
  type?: string;
}

/** Of every column that a condition of the plan names. */
export type Equalities = readonly Equality[];

/**
 * True for a row that goes: the one place where conditions of a plan become SQL. Rows are counted, frozen, copied, moved
 * and looked for by the equality that the column's own type has, as its unique index and the application see it, and never by
 * what `=` means to the session that asks. `of`: name of the row in the statement, with its dot.
 */
export const removedWhere = (removal: RowsRemoval, equalities: Equalities, of = ''): string =>
  Object.entries(removal.where)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([column, value]) => {
      const { operator, type } = equalityOf(removal, column, equalities);
      return `${of}${quoteIdentifier(column)} ${operator} ${quoteLiteral(value)}${type === undefined ? '' : `::${type}`}`;
    })
    .join(' and ');

function equalityOf({ schema, table }: TableName, column: string, equalities: Equalities): Equality {
  const found = equalities.find((each) => each.schema === schema && each.table === table && each.column === column);
  if (found !== undefined) return found;
  throw new Error(
    `expected to know how ${schema}.${table}.${column} is compared, found nothing; this is a bug in Rubicon`,
  );
}

/** For people, who read a plan without its database. */
export const asWritten = (removals: readonly DatabaseRemoval[]): Equalities =>
  removals.flatMap((removal) => {
    const { schema, table } = placeOf(removal);
    return Object.keys(conditionsOf(removal)).map((column) => ({ schema, table, column, operator: '=' }));
  });
