import type { Plan } from '../contract/plan/plan';
import { removalsOf } from '../contract/plan/removals';
import { verbsOf } from './kinds/kinds';
import type { ForecastFrom } from './kinds/kind';

/** What a rollback would give back and lose: one `FillForecast`. Throws for a plan that removes nothing from the database. */
export function forecastOf(plan: Pick<Plan, 'removes'>, from: ForecastFrom): string {
  const all = removalsOf(plan);
  const [first] = all;
  if (first === undefined) throw new Error('expected something that can come back, found none; our bug');
  return verbsOf(first).forecast(all, from);
}
