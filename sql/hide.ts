import type { Plan } from '../contract/plan/plan';
import type { Equalities } from './condition';
import { statementsOf, valueStatementsOf } from './kinds/kinds';
import type { Statement } from './statement';

/**
 * Takes what goes out of use without taking anything away, in one transaction, in the one order of `removalsOf`. Who still
 * names it fails (42703, 42P01), which is what the trial is for.
 */
export const hideStatements = (plan: Pick<Plan, 'removes'>): Statement[] =>
  statementsOf(plan, ({ hide }, all) => all.flatMap(hide));

/** After it, each batch a transaction of its own, where it is done in batches. `freeze`: its id. */
export const moveOutStatements = (plan: Pick<Plan, 'removes'>, freeze: string, equalities: Equalities): Statement[] =>
  valueStatementsOf(plan, ({ moveOut }, all) => moveOut(all, freeze, equalities));

/** The way back of {@link hideStatements}. */
export const unhideStatements = (plan: Pick<Plan, 'removes'>): Statement[] =>
  statementsOf(plan, ({ unhide }, all) => unhide(all));
