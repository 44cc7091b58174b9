import type { Plan } from '../contract/plan';
import { copyPairs, gatherPairs } from '../sql/copy';
import { dropStatements } from '../sql/drop';
import { freezeStatements, unfreezeStatements } from '../sql/freeze';
import { hideStatements, unhideStatements } from '../sql/hide';
import { revisionBack } from '../sql/revision';
import type { Statement } from '../sql/statement';

/** By the step that runs them, in their order. */
export type PlanSql = Record<'freeze' | 'copy' | 'hide' | 'unhide' | 'drop' | 'revisionBack', Statement[]>;

/** The statements that follow from a plan alone; those of the way back need the captured columns, too. */
export const planSql = (plan: Plan): PlanSql => ({
  freeze: freezeStatements(plan, '<workflow> <run> <instant>'),
  copy: [...gatherPairs(plan), { sql: copyPairs, why: 'Encrypted as it comes, and read back' }],
  hide: hideStatements(plan),
  unhide: [...unhideStatements(plan), ...unfreezeStatements(plan)],
  drop: dropStatements(plan),
  revisionBack: plan.revision === undefined ? [] : [revisionBack(plan.revision)],
});
