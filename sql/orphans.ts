import type { RowsRemoval } from '../contract/removals';
import { goes } from './goes';
import { qualifiedName, quoteIdentifier } from './identifier';

/** A foreign key that points at a table; the adapters' has this shape. */
interface Reference {
  schema: string;
  table: string;
  columns: readonly string[];
  referenced: readonly string[];
}

/** How many rows that go point at nothing by a foreign key of their own table. One `count`. */
export function countDangling(removal: RowsRemoval, { schema, table, columns, referenced }: Reference): string {
  const own = columns.map((column) => `c.${quoteIdentifier(column)}`);
  const pairs = own.map((column, index) => `${column} = t.${quoteIdentifier(referenced[index] ?? '')}`);
  return (
    `select count(*)::float8 as count from ${qualifiedName(removal)} as c where ${goes(removal, 'c.')} and ` +
    `${own.map((column) => `${column} is not null`).join(' and ')} and not exists (` +
    `select from ${qualifiedName({ schema, table })} as t where ${pairs.join(' and ')})`
  );
}

/**
 * How many rows that stay point at one that goes: the server would refuse to take it away, or take these along. `among`:
 * where rows that go are, the table itself or the hidden one; `pointing`: what goes of the table that points, if anything.
 * One `count`.
 */
export function countOrphans(
  reference: Reference,
  { removal, among, pointing }: { removal: RowsRemoval; among: string; pointing: RowsRemoval | undefined },
): string {
  const pairs = reference.columns.map(
    (column, index) => `c.${quoteIdentifier(column)} = t.${quoteIdentifier(reference.referenced[index] ?? '')}`,
  );
  const stays = pointing === undefined ? '' : ` and (${goes(pointing, 'c.')}) is not true`;
  const which = goes(removal, 't.');
  return (
    `select count(*)::float8 as count from ${qualifiedName(reference)} as c where exists (` +
    `select from ${qualifiedName({ schema: removal.schema, table: among })} as t where ${pairs.join(' and ')} and ${which})${stays}`
  );
}
