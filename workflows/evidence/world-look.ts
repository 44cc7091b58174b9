import type { Run } from '../../contract/run/decisions';
import type { EnvironmentActivities } from '../../contract/run/steps';
import type { Loaded } from '../../contract/run/loaded';

/** What `lookAtWorld` is asked. `run`: whose state row. */
export const worldLook = (
  { planDigest, target }: Pick<Loaded, 'planDigest' | 'target'>,
  run: Run,
): Parameters<EnvironmentActivities['lookAtWorld']>[0] => ({ target, planDigest, run });
