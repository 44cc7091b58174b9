import type { Removes } from '../../../../contract/plan/removals';
import { writtenName, writtenShort } from '../../../../contract/text/object-name';
import type { Column, Table } from '../making';

export type RemovalKind = 'replaced' | 'by row' | 'by cast' | 'tables' | 'rows' | 'partitions' | 'indexes';

/** What a plan removes, by the parts that it needs. */
export interface Target {
  table: Table;
  /** Of columns. */
  column?: Column;
  entry: Removes[number];
  needs: readonly string[];
}

export interface DatabaseRemoval {
  kind: RemovalKind;
  proof?: string;
  targets: Target[];
}

export const nameIn = ({ schema, name }: Table, column?: string): string =>
  writtenShort({ schema, table: name, column });

export const keyOf = ({ key }: Table): { primaryKey?: string[] } =>
  key.length === 0 ? {} : { primaryKey: key.map(({ name }) => writtenName(name)) };

export const keyPart = (table: Table): string[] => (table.key.length === 0 ? [] : [`key of ${table.id}`]);

/** Keys by which rows are found again. */
export const keysOfRows = [
  ...[['integer'], ['bigint'], ['text'], ['uuid'], ['integer', 'text'], ['citext'], ['text without case'], ['numeric']],
  ...[['smallint', 'timestamptz', 'varchar(40)'], ['char(8)'], ['double precision'], ['text of a collation']],
];
