import type { Run } from '../../contract/run/decisions';
import type { EnvironmentActivities } from '../../contract/run/steps';
import type { Loaded } from '../../contract/run/loaded';

/** What `lookAtWorld` wants to know of a plan. `run`: whose state row. */
export const worldLook = (
  {
    plan: { removes, revision, byAction, release },
    planDigest,
    target,
  }: Pick<Loaded, 'plan' | 'planDigest' | 'target'>,
  run: Run,
): Parameters<EnvironmentActivities['lookAtWorld']>[0] => ({
  ...{ target, planDigest, removes, release, run },
  ...(revision && { revision }),
  ...(byAction && { byAction }),
});
