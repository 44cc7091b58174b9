import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import type { Plan } from '../../contract/plan/plan';
import { nameOfRemoval } from '../../contract/plan/removals';
import type { DataState } from '../../contract/run/observed-state';
import type { Environment } from '../environment/environment';
import type { Session } from '../environment/session';
import { requireAction } from '../actions/migrate-by-action';
import { holdsAlready } from '../actions/perform-action';

/** What external resources are: what the checks of their actions say, and nothing else. */

type ByAction = Pick<Plan, 'removes' | 'byAction'>;

/** What an action makes of one, and what its check says then. */
export const externalStates = { unhide: 'present', hide: 'hidden', drop: 'dropped' } as const;
export type ExternalVerb = keyof typeof externalStates;

/** What exactly one check says; `inconsistent` where none of them holds, or more than one: nobody knows what is. */
export async function stateOfExternal(
  {
    environment,
    signal = new AbortController().signal,
  }: Pick<Session, 'environment'> & Partial<Pick<Session, 'signal'>>,
  plan: ByAction,
): Promise<DataState> {
  const held: DataState[] = [];
  for (const verb of Object.keys(externalStates) as ExternalVerb[]) {
    const { name, ...action } = requireAction(environment, plan, verb);
    const parameters = { verb };
    if (await holdsAlready(environment, action, { aim: externalStates[verb], name, parameters, signal }))
      held.push(externalStates[verb]);
  }
  const [state, another] = held;
  return state === undefined || another !== undefined ? 'inconsistent' : state;
}

/** Whether each is as wanted, by the checks. */
export async function checkExternal(environment: Environment, plan: ByAction, wanted: DataState): Promise<Finding[]> {
  const state = await stateOfExternal({ environment }, plan);
  return plan.removes.map((removal) =>
    finding(nameOfRemoval(removal), state === 'inconsistent' ? 'unknown' : state === wanted, {
      expected: wanted,
      found: state === 'inconsistent' ? 'none of the checks holds, or more than one' : state,
      remedy: 'look at the checks of its actions in the settings (application.planActions), and at the resource itself',
    }),
  );
}
