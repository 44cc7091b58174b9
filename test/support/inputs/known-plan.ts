import type { Environment } from '../../../activities/environment/environment';
import { keepPlan, knownPlan, type KnownPlan } from '../../../activities/statements/known-plan';
import type { Plan } from '../../../contract/plan/plan';

/** Makes a plan one that the worker of this environment knows, and gives it with its digest, as activities want it. */
export const knownTo = async <P extends Plan>(
  environment: Pick<Environment, 'backupFolder'>,
  plan: P,
): Promise<P & { planDigest: string }> => ({ ...plan, planDigest: await keepPlan(environment, plan) });

/** The same plan as what runs its statements wants it. */
export const asKnown = async (environment: Environment, plan: Plan): Promise<KnownPlan> =>
  knownPlan(environment, { planDigest: await keepPlan(environment, plan) });
