import type { GateActivities } from '../../contract/activities/gate-activities';
import { useChallenge } from '../../sql/state';
import { openedGate } from '../decisions/opened-gate';
import { withDatabase } from '../environment/database';
import type { GateDeps } from './open-gate';

/**
 * Marks a challenge as used, so that a reset of the workflow can't bring its codes back to life. Once is enough. That of another run
 * is left alone.
 */
export function createCloseGate({ environment }: Pick<GateDeps, 'environment'>): GateActivities['closeGate'] {
  return async ({ gate }) => {
    await withDatabase(environment(gate.target), 'close gate', async (client) => {
      if ((await openedGate(client, gate, gate.challenge)) !== undefined)
        await client.query(useChallenge, [gate.challenge]);
    });
  };
}
