import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import type { Plan } from '../../contract/plan/plan';
import type { DataState } from '../../contract/run/world';
import type { Environment } from '../environment/environment';
import { requireAction } from '../actions/migrate-by-action';
import { holdsAlready } from '../actions/perform-action';

/** What things outside the database are: what the checks of their actions say, and nothing else. */

type ByAction = Pick<Plan, 'removes' | 'byAction'>;

/** What an action makes of a thing, and what its check says then. */
export const thingStates = { unhide: 'present', hide: 'hidden', drop: 'dropped' } as const;
export type ThingVerb = keyof typeof thingStates;

/** What exactly one check says; `partly` where none of them holds, or more than one: nobody knows what is. */
export async function stateOfThings(
  environment: Environment,
  plan: ByAction,
  signal: AbortSignal = new AbortController().signal,
): Promise<DataState> {
  const held: DataState[] = [];
  for (const verb of Object.keys(thingStates) as ThingVerb[]) {
    const { name, ...action } = requireAction(environment, plan, verb);
    const parameters = { verb };
    if (await holdsAlready(environment, action, { aim: thingStates[verb], name, parameters, signal }))
      held.push(thingStates[verb]);
  }
  const [state, another] = held;
  return state === undefined || another !== undefined ? 'partly' : state;
}

/** Whether each is as wanted, by the checks. */
export async function checkThings(environment: Environment, plan: ByAction, wanted: DataState): Promise<Finding[]> {
  const state = await stateOfThings(environment, plan);
  return plan.removes.map(({ thing = '' }) =>
    finding(thing, state === 'partly' ? 'unknown' : state === wanted, {
      expected: wanted,
      found: state === 'partly' ? 'none of the checks holds, or more than one' : state,
      remedy: 'look at the checks of its actions in the settings (application.planActions), and at the thing itself',
    }),
  );
}
