import { writtenName, type ColumnName, type TableName } from '../text/object-name';
import type { DatabaseKind } from './kinds';
import type { DatabaseRemoval, IndexRemoval, RemovalOf } from './removal';

/** Where each of what a plan removes stands, and what is gone with it. */

/** Where something is, or was. */
export interface Place {
  schema: string;
  /** Or an index: the server keeps the names of both together. */
  table: string;
  /** Absent: the whole table, or some of its rows, or an index. */
  column?: string;
}

interface Facts<R extends DatabaseRemoval> {
  place: (removal: R) => Place;
  conditions: (removal: R) => Record<string, string>;
  /** The table is gone with it, and with that each of its columns. */
  takesTable: boolean;
}

const facts = {
  column: {
    place: ({ schema, table, column }) => ({ schema, table, column }),
    conditions: () => ({}),
    takesTable: false,
  },
  table: {
    place: ({ schema, table }) => ({ schema, table }),
    conditions: () => ({}),
    takesTable: true,
  },
  rows: {
    place: ({ schema, table }) => ({ schema, table }),
    conditions: ({ where }) => where,
    takesTable: false,
  },
  partition: {
    place: ({ schema, table }) => ({ schema, table }),
    conditions: () => ({}),
    takesTable: true,
  },
  index: {
    place: ({ schema, index }) => ({ schema, table: index }),
    conditions: () => ({}),
    takesTable: false,
  },
} satisfies { [K in DatabaseKind]: Facts<RemovalOf<K>> };

const factsOf = (removal: DatabaseRemoval) => facts[removal.kind] as Facts<DatabaseRemoval>;

/** Under its own name. */
export const placeOf = (removal: DatabaseRemoval): Place => factsOf(removal).place(removal);

/** Its last name: the column's, the table's or the index's. */
export function lastName(removal: DatabaseRemoval): string {
  const { table, column } = placeOf(removal);
  return column ?? table;
}

/** Schema, table, column: the order in which locks are taken. */
export function partsOf(removal: DatabaseRemoval): string[] {
  const { schema, table, column } = placeOf(removal);
  return [schema, table, ...(column === undefined ? [] : [column])];
}

/** Where it stands, with its schema: the same for the same, however a plan writes it. */
export const placeName = (removal: DatabaseRemoval): string => writtenName(...partsOf(removal));

/** What a row has to be to be meant, by column; nothing where whole columns or tables are. */
export const conditionsOf = (removal: DatabaseRemoval): Record<string, string> => factsOf(removal).conditions(removal);

/** Tables that are gone with them. */
export const goneTables = (removals: readonly DatabaseRemoval[]): TableName[] =>
  removals.filter((removal) => factsOf(removal).takesTable).map(placeOf);

/** Indexes that are gone from tables that stay, by the plan and not with a column. */
export const goneIndexes = (removals: readonly DatabaseRemoval[]): IndexRemoval[] =>
  removals.filter((removal): removal is IndexRemoval => removal.kind === 'index');

/** Columns that are gone from tables that stay. */
export const goneColumns = (removals: readonly DatabaseRemoval[]): ColumnName[] =>
  removals.map(placeOf).flatMap(({ column, ...table }) => (column === undefined ? [] : [{ ...table, column }]));

/** Those of this table. */
export const removedFrom = ({ schema, table }: TableName, removals: readonly DatabaseRemoval[]): string[] =>
  goneColumns(removals)
    .filter((each) => each.schema === schema && each.table === table)
    .map(({ column }) => column);

/** Whether this column is gone with it. */
export function takesColumn(removal: DatabaseRemoval, { schema, table, column }: ColumnName): boolean {
  const place = placeOf(removal);
  const isAtTable = place.schema === schema && place.table === table;
  return isAtTable && (factsOf(removal).takesTable || place.column === column);
}
