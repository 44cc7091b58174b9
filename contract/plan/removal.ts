import type { TableName } from '../text/object-name';
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
