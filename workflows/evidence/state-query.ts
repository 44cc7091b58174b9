import type { Run } from '../../contract/run/decisions';
import type { EnvironmentActivities } from '../../contract/activities/environment-activities';
import type { Loaded } from '../../contract/activities/loaded';

/** What `observeState` is asked. `run`: whose state row. */
export const stateQuery = (
  { planDigest, target }: Pick<Loaded, 'planDigest' | 'target'>,
  run: Run,
): Parameters<EnvironmentActivities['observeState']>[0] => ({ target, planDigest, run });
