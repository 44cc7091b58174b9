import { removalsOf, type Plan } from '../contract/plan';
import { unfreezeStatements } from './freeze';
import { hiddenColumn } from './hide';
import { qualifiedName, quoteIdentifier } from './identifier';
import { revisionForward } from './revision';
import type { Statement } from './statement';

/**
 * Takes the plan's hidden columns away: one transaction, after the state row and before its commit.
 *
 * Tables in the one order of {@link removalsOf}, all columns of a table in one statement, so that each lock is taken
 * once, and late. The freeze goes first, since its triggers lean on the columns; indexes go with them. Whatever else
 * leans on a column makes the server refuse.
 */
export function dropStatements(plan: Pick<Plan, 'removes' | 'revision'>): Statement[] {
  const columnsOf = new Map<string, string[]>();
  for (const removal of removalsOf(plan)) {
    const table = qualifiedName(removal);
    columnsOf.set(table, [...(columnsOf.get(table) ?? []), quoteIdentifier(hiddenColumn(removal.column))]);
  }
  const drops = [...columnsOf].map(([table, columns]) => ({
    sql: `alter table ${table} ${columns.map((column) => `drop column ${column}`).join(', ')}`,
    why: `Takes ${columns.join(' and ')} and every index that names ${columns.length === 1 ? 'it' : 'them'} out of ${table}`,
  }));
  const revision = plan.revision === undefined ? [] : [revisionForward(plan.revision)];
  return [...revision, ...unfreezeStatements(plan), ...drops];
}
