import type { ColumnRemoval, ReplacedRemoval } from '../../contract/plan/removal';
import { qualifiedName, quoteIdentifier } from '../identifier';
import { isReplaced } from './kept-by';
import { isPlaceholder, newPlaceholder, placeholderLength } from './placeholder';
import { isSet, isUnset } from './same-bytes';
import type { Statement } from '../statement';

/**
 * Statements that set, count and take back the unusable placeholder (`placeholder.ts`): with it a row whose key is lost is
 * shown to no one by a release that reads the removed column. Only where another column replaces the removed one.
 */

/** False if the captured type is too short for the placeholder, or is no text. */
export function placeholderFits(type: string): boolean {
  const limit = /^character varying\((\d+)\)$/.exec(type)?.[1];
  return limit === undefined ? ['text', 'character varying'].includes(type) : Number(limit) >= placeholderLength;
}

/**
 * For the rows of the pages from `$1` up to, not including, `$2` (`tid`) that have a hash and still no key. Run after the
 * fill of the same pages. `relation` is the quoted name of a partition, if the table has some.
 */
export function placeholderRange(removal: ReplacedRemoval, relation = qualifiedName(removal)): Statement {
  const { removed, replacement } = columnsOf(removal);
  return {
    sql:
      `update only ${relation} as t set ${removed} = ${newPlaceholder} ` +
      `where t.ctid >= $1::tid and t.ctid < $2::tid and ${isUnset(`t.${removed}`)} and ${isSet(`t.${replacement}`)}`,
    why: 'Inaccessible instead of open to everyone',
  };
}

/** By hand, for open rows that somebody has made in spite of the guard. */
export const closeOpenRows = (removal: ReplacedRemoval): string =>
  `update ${qualifiedName(removal)} set ${columnsOf(removal).removed} = ${newPlaceholder} where ${isOpen(removal)}`;

/** How many rows have a hash and no key: open to everybody under a release that reads the key. One row, one `count`. */
export const countOpenRows = (removal: ReplacedRemoval): string =>
  `select count(*)::float8 as count from ${qualifiedName(removal)} where ${isOpen(removal)}`;

/** How many rows have the placeholder, and so lost their key. One row, one column `count`. */
export const countPlaceholders = (removal: ReplacedRemoval): string =>
  `select count(*)::float8 as count from ${qualifiedName(removal)} where ${hasPlaceholder(removal)}`;

/**
 * For the rows of the pages from `$1` up to, not including, `$2` (`tid`): takes placeholders back, where the column is
 * about to go. Only while the release serves that does not read it.
 */
export function takeBackRange(removal: ReplacedRemoval, relation = qualifiedName(removal)): Statement {
  const { removed } = columnsOf(removal);
  return {
    sql:
      `update only ${relation} as t set ${removed} = null ` +
      `where t.ctid >= $1::tid and t.ctid < $2::tid and ${isPlaceholder(`t.${removed}`)}`,
    why: 'As the new release has written the row',
  };
}

/** Condition: the row lacks its value, or has the placeholder in its place. `of`: name of the table, with its dot. */
export function lacksValue(removal: ColumnRemoval, of = ''): string {
  const value = `${of}${quoteIdentifier(removal.column)}`;
  return isReplaced(removal) ? `(${isUnset(value)} or ${hasPlaceholder(removal, of)})` : isUnset(value);
}

function isOpen(removal: ReplacedRemoval): string {
  const { removed, replacement } = columnsOf(removal);
  return `${isUnset(removed)} and ${isSet(replacement)}`;
}

const hasPlaceholder = (removal: ReplacedRemoval, of = ''): string =>
  isPlaceholder(`${of}${columnsOf(removal).removed}`);

const columnsOf = ({ column, replacedBy }: ReplacedRemoval) => ({
  removed: quoteIdentifier(column),
  replacement: quoteIdentifier(replacedBy),
});
