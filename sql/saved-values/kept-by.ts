import { isColumn, isRows, placeName } from '../../contract/plan/removals';
import type { ComparedRemoval, Removal, ReplacedRemoval } from '../../contract/plan/removals';
import { goes, type Equalities } from '../goes';
import { quoteIdentifier, quoteLiteral } from '../identifier';
import { isPlaceholder } from './placeholder';
import { isSet } from './same-bytes';

/**
 * How a removed value is found again: by the value that stands for it in another column of its row (thousands of rows
 * share one), or, where nothing stands for it, by its row. Of a table that goes, the value is the whole row.
 */

/** Whether its values are found by the column that stands for it: one value a replacement. */
export const isReplaced = (removal: Removal): removal is ReplacedRemoval =>
  isColumn(removal) && removal.keptBy === 'replacement';

/** Whether there is another column that a proof compares it with. */
export const isCompared = (removal: Removal): removal is ComparedRemoval =>
  isColumn(removal) && removal.replacedBy !== undefined;

/** Whether its values are kept by their row all the same. */
export const isProvenByRow = <R extends Removal>(removal: R): removal is R & ComparedRemoval =>
  isCompared(removal) && removal.keptBy === 'row';

export const replacedOf = (removals: readonly Removal[]): ReplacedRemoval[] => removals.filter(isReplaced);

/**
 * An expression of type text: what a value is found again by. `of` is the name of the table in the statement, with its
 * dot. Null where there is nothing to find it by. Byte by byte, here and in {@link valueOf}: under the column's own
 * collation two keys could be one, or not be comparable at all (0A000).
 */
export function keyOf(removal: Removal, of = ''): string {
  if (isReplaced(removal)) return asBytes(`${of}${quoteIdentifier(removal.replacedBy)}`);
  const place = quoteLiteral(placeName(removal));
  const columns = removal.primaryKey.map((column) => `${of}${quoteIdentifier(column)}::text`);
  return asBytes(`jsonb_build_array(${[place, ...columns].join(', ')})`);
}

/** The removed value as text, in which it is kept; exact for every ordinary type under the settings of our sessions. */
export function valueOf(removal: Removal, of = ''): string {
  if (!isColumn(removal)) return asBytes(`(${of === '' ? `${quoteIdentifier(removal.table)}.` : of}*)`);
  return asBytes(`${of}${quoteIdentifier(removal.column)}`);
}

const asBytes = (value: string): string => `${value}::text collate "C"`;

/** Condition: there is a value to keep. A placeholder of ours is none. */
export function hasValue(removal: Removal, equalities: Equalities): string {
  if (isColumn(removal)) {
    const column = quoteIdentifier(removal.column);
    return isReplaced(removal) ? `${isSet(column)} and not ${isPlaceholder(column)}` : isSet(column);
  }
  return isRows(removal) ? goes(removal, equalities) : 'true';
}

/** Begins {@link keyOf} of whatever is kept of this one by its row. */
export const keyStart = (removal: Removal): string => `[${JSON.stringify(placeName(removal))},`;
