import { finding } from '../contract/findings';
import type { Finding } from '../contract/findings';
import { planVerbs } from '../contract/plan';
import type { Plan } from '../contract/plan';
import type { Environment } from './environment';

/** Whether the settings have each action that the plan gives a verb to. */
export function checkPlanActions({ application }: Environment, { byAction }: Pick<Plan, 'byAction'>): Finding[] {
  return planVerbs.flatMap((verb) => {
    const name = byAction?.[verb];
    if (name === undefined) return [];
    const known = Object.keys(application.planActions ?? {});
    return [
      finding(`action of the plan for ${verb}`, known.includes(name), {
        expected: `"${name}" among application.planActions of the settings`,
        found: known.join(', ') || 'none',
        remedy: 'add it to the settings, or let the plan leave the statements to Rubicon',
      }),
    ];
  });
}
