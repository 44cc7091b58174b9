import type { Temporal } from '../../adapters/temporal';
import type { EnvironmentActivities } from '../../contract/activities/environment-activities';
import type { FindEnvironment } from '../environment/environment';
import { withHeartbeat } from '../environment/heartbeat';
import { closeLease, openLease } from './maintenance-lease';
import { holdsAlready, performAction } from './perform-action';

/**
 * Turns maintenance on or off and waits until it is. Guards against people who wait in a maintenance that nobody ends: the
 * lease is open before it goes on, and is closed only after it is seen to be off.
 *
 * Safe to run twice: it looks first, and nothing happens if it is as wanted already.
 *
 * @throws `ActionFailed` if it is not as wanted within the action's limit
 */
export function createSetMaintenance({
  environment: find,
  temporal,
}: {
  environment: FindEnvironment;
  temporal: Pick<Temporal, 'start' | 'signal'>;
}): EnvironmentActivities['setMaintenance'] {
  return ({ run, on, deadlineMs }) =>
    withHeartbeat(async (signal) => {
      const environment = find(run.target);
      const { maintenance } = environment.application.actions;
      if (maintenance === undefined) return;
      const aim = `maintenance ${on ? 'on' : 'off'} in ${environment.name}`;
      const performance = { aim, name: 'maintenance', parameters: { on }, signal };
      if (on) await openLease(temporal, { run, environment: environment.name, deadlineMs });
      if (!(await holdsAlready(environment, maintenance, performance))) {
        await performAction(environment, maintenance, performance);
      }
      if (!on) await closeLease(temporal, { target: run.target, environment: environment.name });
    });
}
