import type { GateActivities } from '../../contract/activities/gate-activities';
import { systemIdentifierOf, withDatabase } from '../environment/database';
import type { GateDeps } from './open-gate';
import { bindTo, verdictOn } from '../decisions/voters';

/**
 * Says whose code each one is. Computes the codes anew, from its own settings: a gate that somebody made up has other
 * codes. Changes nothing; the effect behind the gate verifies them again.
 */
export function createVerifyCodes(deps: GateDeps): GateActivities['verifyCodes'] {
  return async ({ gate, codes }) => {
    const environment = deps.environment(gate.target);
    const electorate = bindTo(deps, await withDatabase(environment, 'codes', systemIdentifierOf));
    return codes.map((code) => verdictOn(electorate, gate, code));
  };
}
