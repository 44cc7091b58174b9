import type { Plan } from '../contract/plan/plan';
import { isOfThings, isRows, removalsOf } from '../contract/plan/removals';
import { copyPairs, gatherPairs } from '../sql/copy';
import { dropStatements } from '../sql/drop';
import { freezeStatements } from '../sql/freeze';
import { asWritten, type Equalities } from '../sql/goes';
import { hideStatements } from '../sql/hide';
import { putBackStatements } from '../sql/put-back';
import { revisionBack } from '../sql/revision';
import { moveOut, moveQuietly } from '../sql/some-rows';
import type { Statement } from '../sql/statement';

/** By the step that runs them, in their order. */
export type PlanSql = Record<'freeze' | 'copy' | 'hide' | 'unhide' | 'drop' | 'revisionBack', Statement[]>;

/** The statements that follow from a plan alone; those of the way back need the captured columns, too. */
export const planSql = (plan: Plan): PlanSql => (isOfThings(plan) ? noSql : derived(plan));

/** Things outside the database: actions of the platform do it all. */
const noSql: PlanSql = { freeze: [], copy: [], hide: [], unhide: [], drop: [], revisionBack: [] };

const derived = (plan: Plan): PlanSql => ({
  freeze: freezeStatements(plan, '<workflow> <run> <instant>', conditionsOf(plan)),
  copy: [
    ...gatherPairs(plan),
    { sql: copyPairs(plan, conditionsOf(plan)), why: 'Encrypted as it comes, and read back' },
  ],
  hide: [...hideStatements(plan), ...moved(plan)],
  unhide: putBackStatements(plan),
  drop: dropStatements(plan),
  revisionBack: plan.revision === undefined ? [] : [revisionBack(plan.revision)],
});

const conditionsOf = (plan: Plan): Equalities => asWritten(removalsOf(plan).filter(isRows));

/** Rows that go, once there is a table for them: each batch a transaction of its own. */
function moved(plan: Plan): Statement[] {
  const rows = removalsOf(plan).filter(isRows);
  const out = rows.map((removal) => moveOut(removal, asWritten(rows)));
  return rows.length === 0 ? [] : [...moveQuietly('<workflow> <run> <instant>'), ...out];
}
