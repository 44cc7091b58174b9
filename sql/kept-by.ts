import type { Removal, ReplacedRemoval } from '../contract/plan';
import { quoteIdentifier, quoteLiteral } from './identifier';

/**
 * How a removed value is found again: by the value that stands for it in another column of its row (thousands of rows
 * share one), or, where nothing stands for it, by its row.
 */

/** Whether another column stands for this one; then a proof does for its values. */
export const isReplaced = (removal: Removal): removal is ReplacedRemoval => removal.replacedBy !== undefined;

export const replacedOf = (removals: readonly Removal[]): ReplacedRemoval[] => removals.filter(isReplaced);

/**
 * An expression of type text: what a value is found again by. `of` is the name of the table in the statement, with its
 * dot. Null where there is nothing to find it by.
 */
export function keyOf(removal: Removal, of = ''): string {
  if (isReplaced(removal)) return `${of}${quoteIdentifier(removal.replacedBy)}`;
  const place = quoteLiteral(`${removal.schema}.${removal.table}.${removal.column}`);
  const columns = removal.primaryKey.map((column) => `${of}${quoteIdentifier(column)}::text`);
  return `jsonb_build_array(${[place, ...columns].join(', ')})::text`;
}

/** The removed value as text, in which it is kept; exact for every ordinary type under the settings of our sessions. */
export const valueOf = (removal: Removal, of = ''): string =>
  `${of}${quoteIdentifier(removal.column)}${isReplaced(removal) ? '' : '::text'}`;
