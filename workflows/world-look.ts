import type { Run } from '../contract/decisions';
import type { EnvironmentActivities, Loaded } from '../contract/steps';

/** What `lookAtWorld` wants to know of a plan. `run`: whose state row. */
export const worldLook = (
  { plan: { removes, revision, byAction, release }, target }: Pick<Loaded, 'plan' | 'target'>,
  run: Run,
): Parameters<EnvironmentActivities['lookAtWorld']>[0] => ({
  ...{ target, removes, release, run },
  ...(revision && { revision }),
  ...(byAction && { byAction }),
});
