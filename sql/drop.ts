import { type Plan } from '../contract/plan/plan';
import { columnsOf, isRows, isTable, removalsOf } from '../contract/plan/removals';
import { unfreezeStatements } from './freeze';
import type { Equalities } from './goes';
import { hiddenColumn, unhideStatements } from './hide';
import { qualifiedName, quoteIdentifier } from './identifier';
import { revisionForward } from './revision';
import { deleteAgain, dropHiddenTables } from './some-rows';
import type { Statement } from './statement';
import { dropRestoredTables, dropTables } from './whole-table';

type Dropped = Pick<Plan, 'removes' | 'revision'> & { byAction?: Plan['byAction'] };

/** The whole drop: one transaction, after the state row and before its commit. */
export const dropStatements = (plan: Dropped): Statement[] =>
  plan.byAction?.drop === undefined
    ? [...revisionStatements(plan), ...takeAwayStatements(plan)]
    : handOverStatements(plan);

/** Before the tables are locked: its row may be somebody's, and everybody would wait meanwhile. */
export const revisionStatements = ({ revision }: Dropped): Statement[] =>
  revision === undefined ? [] : [revisionForward(revision)];

/**
 * Takes the plan's hidden columns or tables away, once the tables are locked.
 *
 * Tables in the one order of {@link removalsOf}, all columns of a table in one statement, so that each lock is taken
 * once, and late. The freeze goes first, since its triggers lean on the columns; indexes go with them, and with a table
 * all that is on it. Whatever else leans on a column or table makes the server refuse.
 */
export function takeAwayStatements(plan: Pick<Plan, 'removes'>): Statement[] {
  const tables = removalsOf(plan).filter(isTable);
  if (tables.length > 0) return [dropTables(tables)];
  const rows = removalsOf(plan).filter(isRows);
  if (rows.length > 0) return [...unfreezeStatements(plan), dropHiddenTables(rows, 'Takes the hidden rows away')];
  return [...unfreezeStatements(plan), ...dropColumns(plan, hiddenColumn)];
}

/** For a migration tool that is to drop them: it knows them by their names, and a trigger on them would be in its way. */
export const handOverStatements = (plan: Pick<Plan, 'removes'>): Statement[] => [
  ...unfreezeStatements(plan),
  ...unhideStatements(plan),
];

/** For what a way back has built and not finished, or not even built: it has its own name. */
export function dropRestoredStatements(plan: Pick<Plan, 'removes'>, equalities: Equalities): Statement[] {
  const tables = removalsOf(plan).filter(isTable);
  if (tables.length > 0) return [dropRestoredTables(tables)];
  const rows = removalsOf(plan).filter(isRows);
  if (rows.length > 0) return rows.flatMap((removal) => deleteAgain(removal, equalities));
  return dropColumns(plan, (column) => column, ' if exists');
}

function dropColumns(plan: Pick<Plan, 'removes'>, nameOf: (column: string) => string, how = ''): Statement[] {
  const goingOf = new Map<string, string[]>();
  for (const removal of columnsOf(plan)) {
    const table = qualifiedName(removal);
    goingOf.set(table, [...(goingOf.get(table) ?? []), quoteIdentifier(nameOf(removal.column))]);
  }
  return [...goingOf].map(([table, columns]) => ({
    sql: `alter table ${table} ${columns.map((column) => `drop column${how} ${column}`).join(', ')}`,
    why: `Takes ${columns.join(' and ')} and every index that names ${columns.length === 1 ? 'it' : 'them'} out of ${table}`,
  }));
}
