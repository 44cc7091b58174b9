import { digestOf } from '../../contract/text/digest';
import { permanent } from '../../contract/run/failures';
import { planSchema, type Plan } from '../../contract/plan/plan';
import type { EnvironmentActivities } from '../../contract/activities/environment-activities';
import type { Environment, FindEnvironment } from '../environment/environment';
import { knownPlan, type KnownPlan } from './known-plan';

/** Every activity of an environment by its name. */
type Name = keyof EnvironmentActivities;
type Input<N extends Name> = Parameters<EnvironmentActivities[N]>[0];

/** Fields of a plan of which something is read, run or removed. */
type Telling = Exclude<keyof Plan, 'name' | 'does' | 'release' | 'restore' | 'approvals' | 'durations'>;

/** What an activity can be handed: fields of the plan, the whole of it, its digest. */
type Handed = Plan & { plan: Plan; planDigest: string };

/** `refused`: a text of a plan from whoever calls, which nothing would have to be held against. */
type TakenBy<I> = keyof I & (Telling | 'plan') extends never
  ? 'planDigest' extends keyof I
    ? readonly [keyof Handed, ...(keyof Handed)[]]
    : readonly []
  : 'refused';

/** What each activity takes of a plan; a wrong entry, or one that is missing, does not compile. */
type Taken = { [N in Name]: TakenBy<Input<N>> };

const whole = ['plan', 'planDigest'] as const;

export const takenOfPlan = {
  takesTasks: [],
  checkServer: ['removes', 'revision', 'byAction'],
  checkStructure: ['removes', 'queries', 'byAction'],
  classifyRows: ['planDigest', 'removes', 'proof'],
  captureDefinitions: ['removes'],
  checkQueries: ['planDigest', 'queries', 'removes'],
  checkCache: ['cache'],
  checkLog: ['planDigest', 'log', 'probes'],
  checkApplication: ['planDigest', 'release', 'probes', 'byAction', 'removes'],
  checkTools: ['removes', 'revision'],
  captureBaseline: ['planDigest', 'queries', 'log'],
  takeSample: ['planDigest', 'watch', 'log', 'probes'],
  watch: ['planDigest', 'watch', 'log', 'probes'],
  probe: ['planDigest', 'release', 'probes'],
  verifyDropped: ['removes', 'revision', 'queries', 'byAction'],
  countIndexUse: ['removes'],
  proveNothingStale: ['cache'],
  rehearseOnCopy: whole,
  observeState: ['removes', 'revision', 'byAction', 'release'],
  noteHold: [],
  backup: whole,
  proveBackup: [], // the plan stands in the backup's own record
  setMaintenance: whole,
  flushCache: whole,
  deploy: whole,
  loadTest: ['planDigest', 'loadTest', 'probes', 'log', 'watch'],
  freeze: whole,
  finalCopy: whole,
  hide: whole,
  unhide: ['plan'],
  drop: whole,
  undoRemoval: ['plan'],
  destroyBackups: [],
  assessRollback: ['plan'],
  sealNewKeys: whole,
  restoreRemoved: whole,
  refillRemoved: whole,
  finishRestore: whole,
  endWriteGuard: whole,
} as const satisfies Taken;

/** Their orders may name no plan: then it is about what stands in the database; or a maintenance is to end. */
const mayNameNone = ['assessRollback', 'setMaintenance'] as const satisfies readonly Name[];

type Part<N extends Name> = Pick<Handed, (typeof takenOfPlan)[N][number]>;

/** What an activity is handed as its own file makes it: what it takes of the plan, from the plan of that digest. */
export type OfKnownPlan<N extends Name> = Omit<Input<N>, 'planDigest'> &
  (N extends (typeof mayNameNone)[number] ? Partial<Part<N>> : Part<N>);

/** All of them, as their own files make them. */
export type OfKnownPlans = { [N in Name]: PerformOfPlan<N> };

/** One of them. */
export type PerformOfPlan<N extends Name> = (input: OfKnownPlan<N>) => ReturnType<EnvironmentActivities[N]>;

type AnyInput = Partial<Handed> & { target?: string; run?: { target: string } };

/**
 * The only way in which a plan reaches an activity that Temporal can start: by its digest, for which this worker finds the plan
 * that it knows by itself, and hands over what the activity takes of it. Guards against whoever may start activities: a
 * condition, a pattern or a rule of their own would tell them value by value what is in production, in an answer as short
 * as "present". What is called like a field of a plan and comes along has to be that plan's.
 *
 * @throws `InvalidInput` for a plan that this worker does not know, or a part that is not that plan's
 */
export function ofKnownPlans(activities: OfKnownPlans, find: FindEnvironment): EnvironmentActivities {
  const entries = Object.entries(takenOfPlan).map(([name, taken]) => {
    const activity = activities[name as Name] as (input: AnyInput) => Promise<unknown>;
    const known = async (input: AnyInput): Promise<unknown> =>
      activity(taken.length === 0 || namesNone(name, input) ? input : await withPart(find, input, taken));
    return [name, known];
  });
  const guarded: unknown = Object.fromEntries(entries);
  return guarded as EnvironmentActivities;
}

const namesNone = (name: string, { planDigest, plan }: AnyInput): boolean =>
  mayNameNone.some((one) => one === name) && planDigest === undefined && plan === undefined;

/** Known to every environment that the input names, of which an activity uses one. */
async function withPart(find: FindEnvironment, input: AnyInput, taken: readonly (keyof Handed)[]): Promise<AnyInput> {
  let handed: Partial<Handed> = {};
  for (const target of targetsOf(input)) {
    const plan = await requireKnown(find(target), input);
    handed = { ...plan, plan, ...(input.planDigest !== undefined && { planDigest: input.planDigest }) };
  }
  const fields = taken.map((field): [string, unknown] => [field, handed[field]]);
  const part = Object.fromEntries<unknown>(fields.filter(([, value]) => value !== undefined));
  return { ...input, ...part };
}

/** One that names none is refused for it. */
function targetsOf({ target, run }: AnyInput): Set<string> {
  const named = [target, run?.target].filter((name) => name !== undefined);
  return new Set(named.length === 0 ? [''] : named);
}

async function requireKnown(environment: Environment, input: AnyInput): Promise<KnownPlan> {
  const { plan: given, planDigest = '' } = input;
  const plan = await knownPlan(environment, { ...partOf(input), planDigest });
  if (given === undefined || digestOf(given) === planDigest) return plan;
  throw permanent(
    'InvalidInput',
    `expected the digest of a plan alone, found another plan beside that of ${plan.name} (${planDigest.slice(0, 12)}); nothing was run; start the rollout again`,
  );
}

/** Whatever is called like a field of a plan. */
const partOf = (input: AnyInput): Partial<Plan> =>
  Object.fromEntries(Object.entries(input).filter(([name]) => Object.hasOwn(planSchema.shape, name)));
