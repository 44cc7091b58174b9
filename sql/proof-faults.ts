import type { Fault } from '../contract/faults';
import type { Plan } from '../contract/plan';
import { proofSql } from './proof';

/** Whether a statement can be made of a plan's proof: said when the plan is read, not hours later. */
export function proofFaults({ proof }: Pick<Plan, 'proof'>, fileName = 'plan.yaml'): Fault[] {
  if (proof === undefined) return [];
  try {
    proofSql(proof, { replacement: 'replacement', removed: 'removed' });
    return [];
  } catch (error) {
    return [{ place: `${fileName}: proof`, message: (error as Error).message }];
  }
}
