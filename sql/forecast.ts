import type { Plan } from '../contract/plan/plan';
import { withValues } from '../contract/plan/removals';
import { valueVerbsOf } from './kinds/kinds';
import type { ForecastFrom } from './kinds/kind';

/** What a rollback would give back and lose: one `FillForecast`. Throws for a plan that removes no values. */
export function forecastOf(plan: Pick<Plan, 'removes'>, from: ForecastFrom): string {
  const all = withValues(plan);
  const [first] = all;
  if (first === undefined) throw new Error('expected values that can come back, found none; this is a bug in Rubicon');
  return valueVerbsOf(first).forecast(all, from);
}
