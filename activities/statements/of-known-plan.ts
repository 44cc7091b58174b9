import { digestOf } from '../../contract/text/digest';
import { planSchema, type Plan } from '../../contract/plan/plan';
import type { EnvironmentActivities } from '../../contract/run/steps';
import type { Environment, FindEnvironment } from '../environment/environment';
import { knownPlan } from './known-plan';

/** Every activity of an environment by its name. */
type Name = keyof EnvironmentActivities;
type Input<N extends Name> = Parameters<EnvironmentActivities[N]>[0];

/** Fields of a plan of which something is read, run or removed. */
type Telling = Exclude<keyof Plan, 'name' | 'does' | 'release' | 'restore' | 'approvals' | 'durations'>;

/** `refused`: a part without the digest of its plan, which nothing could be held against. */
type TakenBy<I> = 'plan' extends keyof I
  ? 'whole'
  : I extends { planDigest: string }
    ? 'part'
    : keyof I & Telling extends never
      ? 'nothing'
      : 'refused';

/** What each activity takes of a plan; a wrong entry, or one that is missing, does not compile. */
type Taken = { [N in Name]: TakenBy<Input<N>> };

export const takenOfPlan = {
  takesTasks: 'nothing',
  checkServer: 'part',
  checkStructure: 'part',
  classifyRows: 'part',
  captureDefinitions: 'part',
  checkQueries: 'part',
  checkCache: 'part',
  checkLog: 'part',
  checkApplication: 'part',
  checkTools: 'part',
  captureBaseline: 'part',
  takeSample: 'part',
  watch: 'part',
  probe: 'part',
  verifyDropped: 'part',
  countIndexUse: 'part',
  proveNothingStale: 'part',
  rehearseOnCopy: 'whole',
  lookAtWorld: 'part',
  backup: 'whole',
  proveBackup: 'nothing', // the plan stands in the backup's own record
  setMaintenance: 'nothing',
  flushCache: 'part',
  deploy: 'nothing',
  loadTest: 'part',
  freeze: 'whole',
  finalCopy: 'whole',
  hide: 'whole',
  unhide: 'whole',
  drop: 'whole',
  putBack: 'whole',
  destroyBackups: 'nothing',
  assessRollback: 'whole',
  sealNewKeys: 'whole',
  restoreColumns: 'whole',
  fillColumns: 'whole',
  finishRestore: 'whole',
  endGuard: 'whole',
} as const satisfies Taken;

/** An activity as its own file makes it: a part of a plan has been held against the plan before it is called. */
export type OfKnownPlan<N extends Name> = (
  input: TakenBy<Input<N>> extends 'part' ? Omit<Input<N>, 'planDigest'> : Input<N>,
) => ReturnType<EnvironmentActivities[N]>;

/** Of all of them; some want the digest all the same, since they take the whole plan by it. */
export type OfKnownPlans = { [N in Name]: OfKnownPlan<N> | EnvironmentActivities[N] };

type AnyInput = Partial<Plan> & { plan?: Plan; planDigest?: string; target?: string; run?: { target: string } };

/**
 * The only way in which a plan reaches an activity that Temporal can start: what it brings of a plan is held against the plan
 * of that digest that this worker knows by itself, and is refused before anything of it is looked at, compared or run. Guards
 * against whoever may start activities: a condition, a pattern or a rule of their own would tell them value by value
 * what is in production, in an answer as short as "present".
 *
 * @throws `InvalidInput` for a plan that this worker does not know, or a part that is not that plan's
 */
export function ofKnownPlans(activities: OfKnownPlans, find: FindEnvironment): EnvironmentActivities {
  const entries = Object.entries(takenOfPlan).map(([name, taken]) => {
    const activity = activities[name as Name] as (input: AnyInput) => Promise<unknown>;
    const known = async (input: AnyInput): Promise<unknown> => {
      if (taken !== 'nothing') for (const target of targetsOf(input)) await requireKnown(find(target), input, taken);
      return activity(input);
    };
    return [name, known];
  });
  const guarded: unknown = Object.fromEntries(entries);
  return guarded as EnvironmentActivities;
}

/** Those that an input names, of which an activity uses one; one that names none is refused for it. */
function targetsOf({ target, run }: AnyInput): Set<string> {
  const named = [target, run?.target].filter((name) => name !== undefined);
  return new Set(named.length === 0 ? [''] : named);
}

async function requireKnown(environment: Environment, input: AnyInput, taken: 'part' | 'whole'): Promise<void> {
  if (taken === 'part') {
    await knownPlan(environment, { ...partOf(input), planDigest: input.planDigest ?? '' });
    return;
  }
  // An order without a plan is about what stands in the database.
  if (input.plan !== undefined) await knownPlan(environment, { planDigest: digestOf(input.plan) });
}

/** Whatever is called like a field of a plan, asked for or not. */
const partOf = (input: AnyInput): Partial<Plan> =>
  Object.fromEntries(Object.entries(input).filter(([name]) => Object.hasOwn(planSchema.shape, name)));
