import type { GateActivities } from '../../contract/activities/gate-activities';
import { useChallenge } from '../../sql/state';
import { withDatabase } from '../environment/database';
import type { GateDeps } from './open-gate';

/** Marks a challenge as used, so that a reset of the workflow can't bring its codes back to life. Once is enough. */
export function createCloseGate({ environment }: Pick<GateDeps, 'environment'>): GateActivities['closeGate'] {
  return async ({ gate }) => {
    await withDatabase(environment(gate.target), 'close gate', (client) =>
      client.query(useChallenge, [gate.challenge]),
    );
  };
}
