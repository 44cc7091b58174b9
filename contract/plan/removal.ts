import { writtenName, type ColumnName, type TableName } from '../text/object-name';
import { traits, type DatabaseKind, type Kind, type ValueKind } from './kinds';

/** One entry of what a plan removes, parsed: see `parseRemoval`. */

/** A column to remove, parsed. `schema` is `public` where the plan names none. */
export interface ColumnRemoval {
  kind: 'column';
  schema: string;
  table: string;
  column: string;
  /** Absent in all removals of a plan without a proof. */
  replacedBy?: string;
  /** What a value is found again by. */
  keptBy: 'replacement' | 'row';
  /** Default `[id]`. Used where `keptBy` is `row`. */
  primaryKey: string[];
}

/** One that a proof compares with what replaces it. */
export type ComparedRemoval = ColumnRemoval & { replacedBy: string };

/** One whose values are found again by what stands in their place. */
export type ReplacedRemoval = ComparedRemoval & { keptBy: 'replacement' };

/** A table to remove. */
export interface TableRemoval {
  kind: 'table';
  schema: string;
  table: string;
  keptBy: 'row';
  /** Default `[id]`; the same for rows and partitions. */
  primaryKey: string[];
}

/** Rows to remove from a table that stays. */
export interface RowsRemoval {
  kind: 'rows';
  schema: string;
  table: string;
  keptBy: 'row';
  primaryKey: string[];
  /** All of them must be so. Values as text, which the server reads as the column's type. */
  where: Record<string, string>;
}

/** A partition to detach, and then to remove with its rows. */
export interface PartitionRemoval {
  kind: 'partition';
  schema: string;
  /** Its own name, not that of the table that it is a partition of. */
  table: string;
  /** The partitioned table right above it. */
  of: TableName;
  keptBy: 'row';
  primaryKey: string[];
}

/** What is removed with each of its rows, and comes back as a table. */
export type WholeTable = TableRemoval | PartitionRemoval;

/** An index to remove from a table that stays. Which table that is the catalogue says. */
export interface IndexRemoval {
  kind: 'index';
  schema: string;
  index: string;
  keptBy: 'nothing';
}

/** Something outside the database. */
export interface ExternalRemoval {
  kind: 'external';
  /** For people, and for the platform's actions. */
  name: string;
  keptBy: 'nothing';
}

interface ByKind {
  column: ColumnRemoval;
  table: TableRemoval;
  rows: RowsRemoval;
  partition: PartitionRemoval;
  index: IndexRemoval;
  external: ExternalRemoval;
}

export type RemovalOf<K extends Kind> = ByKind[K];

/** One entry of a plan. Whoever needs to know more than a trait has a table by kind, and a test that counts places. */
export type Removal = RemovalOf<Kind>;

/** One that a database holds. */
export type DatabaseRemoval = RemovalOf<DatabaseKind>;

/** One that has values of its own. */
export type ValueRemoval = RemovalOf<ValueKind>;

/** Whether it has: see {@link ValueKind}. */
export const hasValues = (removal: DatabaseRemoval): removal is ValueRemoval => traits[removal.kind].hasValues;

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
