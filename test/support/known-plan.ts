import type { Environment } from '../../activities/environment';
import { keepPlan } from '../../activities/statements/known-plan';
import type { Plan } from '../../contract/plan';

/** Makes a plan one that the worker of this environment knows, and gives it with its digest, as activities want it. */
export const knownTo = async <P extends Plan>(
  environment: Pick<Environment, 'backupFolder'>,
  plan: P,
): Promise<P & { planDigest: string }> => ({ ...plan, planDigest: await keepPlan(environment, plan) });
