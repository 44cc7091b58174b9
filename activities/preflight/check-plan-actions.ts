import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { planVerbs } from '../../contract/plan/plan';
import { traitsOf } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import type { Environment } from '../environment/environment';

const blind = (name: string): Finding =>
  finding(`check of the action "${name}"`, false, {
    expected: 'one that holds once it has worked, and not before',
    found: 'none',
    remedy: 'add a "check" to it in the settings: nothing else says what is',
  });

/** Whether the settings have each action that the plan gives a verb to. */
export function checkPlanActions(
  { application }: Environment,
  { byAction, removes }: Pick<Plan, 'byAction' | 'removes'>,
): Finding[] {
  return planVerbs.flatMap((verb) => {
    const name = byAction?.[verb];
    if (name === undefined) return [];
    const known = Object.keys(application.planActions ?? {});
    const isBlind =
      traitsOf({ removes }).byAction === 'everything' && application.planActions?.[name]?.check === undefined;
    return [
      finding(`action of the plan for ${verb}`, known.includes(name), {
        expected: `"${name}" among application.planActions of the settings`,
        found: known.join(', ') || 'none',
        remedy: 'add it to the settings, or let the plan leave the statements to Rubicon',
      }),
      ...(isBlind && known.includes(name) ? [blind(name)] : []),
    ];
  });
}
