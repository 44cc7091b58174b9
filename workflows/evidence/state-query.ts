import type { Run } from '../../contract/run/decisions';
import type { EnvironmentActivities } from '../../contract/run/steps';
import type { Loaded } from '../../contract/run/loaded';

/** What `observeState` is asked. `run`: whose state row. */
export const stateQuery = (
  { planDigest, target }: Pick<Loaded, 'planDigest' | 'target'>,
  run: Run,
): Parameters<EnvironmentActivities['observeState']>[0] => ({ target, planDigest, run });
