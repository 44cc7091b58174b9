import type { Plan } from '../../contract/plan/plan';
import { removalsOf, traitsOf } from '../../contract/plan/removals';
import { copyPairs, gatherPairs } from '../../sql/copy';
import { dropStatements } from '../../sql/drop';
import { freezeStatements } from '../../sql/freeze';
import { asWritten } from '../../sql/condition';
import { hideStatements, moveOutStatements } from '../../sql/hide';
import { undoStatements } from '../../sql/undo';
import { revisionBack } from '../../sql/revision';
import type { Statement } from '../../sql/statement';

/** By the step that runs them, in their order. `apart`: the end of hiding that no transaction may hold. */
export type PlanSql = Record<'freeze' | 'copy' | 'hide' | 'apart' | 'unhide' | 'drop' | 'revisionBack', Statement[]>;

/** The statements that follow from a plan alone; those of the way back need the captured columns, too. */
export const planSql = (plan: Plan): PlanSql => (traitsOf(plan).isInDatabase ? derived(plan) : noSql);

/** Actions of the platform do it all. */
const noSql: PlanSql = { freeze: [], copy: [], hide: [], apart: [], unhide: [], drop: [], revisionBack: [] };

function derived(plan: Plan): PlanSql {
  const freeze = '<workflow> <run> <instant>';
  const conditions = asWritten(removalsOf(plan));
  const moveOut = moveOutStatements(plan, freeze, conditions);
  const isApart = traitsOf(plan).hides === 'in two steps';
  return {
    freeze: freezeStatements(plan, freeze, conditions),
    copy: traitsOf(plan).hasValues
      ? [...gatherPairs(plan), { sql: copyPairs(plan, conditions), why: 'Encrypted as it is written, and read back' }]
      : [],
    hide: [...hideStatements(plan), ...(isApart ? [] : moveOut)],
    apart: isApart ? moveOut : [],
    unhide: undoStatements(plan),
    drop: dropStatements(plan),
    revisionBack: plan.revision === undefined ? [] : [revisionBack(plan.revision)],
  };
}
