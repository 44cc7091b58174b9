import { placeName } from '../../contract/plan/places';
import type { ComparedRemoval, DatabaseRemoval, ReplacedRemoval, ValueRemoval } from '../../contract/plan/removal';
import { quoteIdentifier, quoteLiteral } from '../identifier';

/**
 * How a removed value is found again: by the value that stands for it in another column of its row (thousands of rows
 * share one), or, where nothing stands for it, by its row. Of a table that goes, the value is the whole row.
 */

/** Whether its values are found by the column that stands for it: one value a replacement. */
export const isReplaced = (removal: DatabaseRemoval): removal is ReplacedRemoval => removal.keptBy === 'replacement';

/** Whether there is another column that a proof compares it with. */
export const isCompared = (removal: DatabaseRemoval): removal is ComparedRemoval =>
  'replacedBy' in removal && removal.replacedBy !== undefined;

/** Whether its values are kept by their row all the same. */
export const isProvenByRow = <R extends DatabaseRemoval>(removal: R): removal is R & ComparedRemoval =>
  isCompared(removal) && removal.keptBy === 'row';

export const replacedOf = (removals: readonly DatabaseRemoval[]): ReplacedRemoval[] => removals.filter(isReplaced);

/**
 * An expression of type text: what a value is found again by. `of` is the name of the table in the statement, with its
 * dot. Null where there is nothing to find it by.
 */
export function keyOf(removal: ValueRemoval, of = ''): string {
  if (isReplaced(removal)) return asBytes(`${of}${quoteIdentifier(removal.replacedBy)}`);
  const place = quoteLiteral(placeName(removal));
  const columns = removal.primaryKey.map((column) => `${of}${quoteIdentifier(column)}::text`);
  return asBytes(`jsonb_build_array(${[place, ...columns].join(', ')})`);
}

/** Byte by byte: under the column's own collation two keys could be one, or not be comparable at all (0A000). */
export const asBytes = (value: string): string => `${value}::text collate "C"`;

/** Begins {@link keyOf} of whatever is kept of this one by its row. */
export const keyStart = (removal: DatabaseRemoval): string => `[${JSON.stringify(placeName(removal))},`;
