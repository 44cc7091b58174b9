import type { OutOfUseOrder } from '../../contract/activities/effect-inputs';
import type { Loaded } from '../../contract/activities/loaded';
import type { Granted } from '../../contract/run/decisions';
import type { EnvironmentName } from '../../contract/run/names';
import type { Journal } from '../journal/journal';

/** Where an effect of a rollout works, and what allows it: in production its gate, in staging nothing. */
export interface Where {
  of: EnvironmentName;
  /** Production only. */
  granted?: Granted;
}

/** What each effect of a rollout is asked with. */
export function effectOrder({ facts }: Journal, { planDigest }: Loaded, { of: name, granted }: Where): OutOfUseOrder {
  const { identity } = facts.environments[name];
  return {
    ...{ run: facts.run, planDigest },
    ...(granted && { decision: granted }),
    ...(identity && { identity }),
  };
}
