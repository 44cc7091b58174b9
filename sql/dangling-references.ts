import type { RowsRemoval } from '../contract/plan/removal';
import { removedWhere, type Equalities } from './condition';
import { qualifiedName, quoteIdentifier } from './identifier';
import { isSet } from './saved-values/same-bytes';

/** A foreign key that points at a table; the adapters' has this shape. */
interface Reference {
  schema: string;
  table: string;
  columns: readonly string[];
  referenced: readonly string[];
  comparisons: readonly { operator: string; collation: string }[];
}

/** How many rows that go point at nothing by a foreign key of their own table. One `count`. */
export function countDangling(removal: RowsRemoval, reference: Reference, equalities: Equalities): string {
  const own = reference.columns.map((column) => `c.${quoteIdentifier(column)}`);
  return (
    `select count(*)::float8 as count from ${qualifiedName(removal)} as c where ${removedWhere(removal, equalities, 'c.')} and ` +
    `${own.map(isSet).join(' and ')} and not exists (` +
    `select from ${qualifiedName(reference)} as t where ${pointsAt(reference)})`
  );
}

/**
 * How many rows that stay point at one that goes: the server would refuse to take it away, or take these along. `among`:
 * where rows that go are, the table itself or the hidden one; `pointing`: what goes of the table that points, if anything.
 * One `count`.
 */
export function countDanglingReferences(
  reference: Reference,
  { removal, among, pointing }: { removal: RowsRemoval; among: string; pointing: RowsRemoval | undefined },
  equalities: Equalities,
): string {
  const stays = pointing === undefined ? '' : ` and (${removedWhere(pointing, equalities, 'c.')}) is not true`;
  const which = removedWhere(removal, equalities, 't.');
  return (
    `select count(*)::float8 as count from ${qualifiedName(reference)} as c where exists (` +
    `select from ${qualifiedName({ schema: removal.schema, table: among })} as t where ${pointsAt(reference)} and ${which})${stays}`
  );
}

/** As the foreign key itself compares: `c` points at `t`. */
const pointsAt = ({ columns, referenced, comparisons }: Reference): string =>
  comparisons
    .map(({ operator, collation }, index) => {
      const [from = '', to = ''] = [columns[index], referenced[index]].map((name = '') => quoteIdentifier(name));
      return `t.${to} ${operator} c.${from}${collation}`;
    })
    .join(' and ');
