import type { Plan } from '../contract/plan/plan';
import { statementsOf } from './kinds/kinds';
import type { Statement } from './statement';

/** What ends hiding and freeze by hand. `columns`: by table (`placeName`), those that can be written. */
export const undoStatements = (
  plan: Pick<Plan, 'removes'>,
  columns: ReadonlyMap<string, readonly string[]> = new Map(),
): Statement[] => statementsOf(plan, ({ undoRemoval }, all) => undoRemoval(all, columns));
