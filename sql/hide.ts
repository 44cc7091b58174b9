import { shortName } from '../contract/text/object-name';
import { type Plan } from '../contract/plan/plan';
import { isColumn, isRows, isTable, removalsOf, type ColumnRemoval, type Removal } from '../contract/plan/removals';
import { derivedName } from './derived-name';
import { qualifiedName, quoteIdentifier } from './identifier';
import { dropHiddenTables, makeHiddenTable } from './some-rows';
import type { Statement } from './statement';
import { hideTable, unhideTable } from './whole-table';

/** The name under which a column is out of everybody's sight while it can still be had back in a moment. */
export const hiddenColumn = (column: string): string => derivedName('rubicon_hidden_', column);

/**
 * Takes columns or tables out of use without taking anything away: a change of the catalogue alone, in one transaction,
 * in the one order of {@link removalsOf}. Indexes, defaults, rights and the freeze go along. Who still names one fails
 * (42703, 42P01), which is what the trial is for.
 */
export const hideStatements = (plan: Pick<Plan, 'removes'>): Statement[] => removalsOf(plan).flatMap(hideOne);

function hideOne(removal: Removal): Statement[] {
  if (isRows(removal)) return makeHiddenTable(removal);
  return [isColumn(removal) ? hideColumn(removal) : hideTable(removal)];
}

const hideColumn = (removal: ColumnRemoval): Statement => ({
  sql: rename(removal, removal.column, hiddenColumn(removal.column)),
  why: `Whoever still needs ${shortName(removal)} notices now, while it is one statement away`,
});

/** The way back of {@link hideStatements}. */
export function unhideStatements(plan: Pick<Plan, 'removes'>): Statement[] {
  const rows = removalsOf(plan).filter(isRows);
  if (rows.length > 0) return [dropHiddenTables(rows, 'Empty, once all of its rows were moved back', true)];
  return removalsOf(plan).flatMap((removal) =>
    isColumn(removal) ? [unhideColumn(removal)] : isTable(removal) ? [unhideTable(removal)] : [],
  );
}

const unhideColumn = (removal: ColumnRemoval): Statement => ({
  sql: rename(removal, hiddenColumn(removal.column), removal.column),
  why: `${shortName(removal)} is there again as it was`,
});

const rename = (removal: ColumnRemoval, from: string, to: string): string =>
  `alter table ${qualifiedName(removal)} rename column ${quoteIdentifier(from)} to ${quoteIdentifier(to)}`;
