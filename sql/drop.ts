import type { Plan } from '../contract/plan/plan';
import { unfreezeStatements } from './freeze';
import type { Equalities } from './condition';
import { unhideStatements } from './hide';
import { statementsOf } from './kinds/kinds';
import { revisionForward } from './revision';
import type { Statement } from './statement';

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
 * Takes what is hidden away, once the tables are locked, in the one order of `removalsOf`. The freeze goes first, since its
 * triggers lean on the columns; indexes go with them, and with a table all that is on it. Whatever else leans on a column
 * or table makes the server refuse.
 */
export const takeAwayStatements = (plan: Pick<Plan, 'removes'>): Statement[] =>
  statementsOf(plan, ({ drop }, all) => drop(all));

/** For a migration tool that is to drop them: it knows them by their names, and a trigger on them would be in its way. */
export const handOverStatements = (plan: Pick<Plan, 'removes'>): Statement[] => [
  ...unfreezeStatements(plan),
  ...unhideStatements(plan),
];

/** For what a way back has built and not finished, or not even built: it has its own name. */
export const dropRestoredStatements = (plan: Pick<Plan, 'removes'>, equalities: Equalities): Statement[] =>
  statementsOf(plan, ({ dropRestored }, all) => dropRestored(all, equalities));
