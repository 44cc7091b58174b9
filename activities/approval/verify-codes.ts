import type { GateActivities } from '../../contract/activities/gate-activities';
import { systemIdentifierOf, withDatabase } from '../environment/database';
import type { GateDeps } from './open-gate';
import { permanent } from '../../contract/run/failures';
import { shown } from '../../contract/text/faults';
import { mostCodes } from '../../contract/run/decisions';
import { bindTo, verdictsOn } from '../decisions/voters';

/**
 * Says whose code each one is. Computes the codes anew, from its own settings: a gate that somebody made up has other
 * codes. Changes nothing; the effect behind the gate verifies them again.
 */
export function createVerifyCodes(deps: GateDeps): GateActivities['verifyCodes'] {
  return async ({ gate, codes }) => {
    if (!Array.isArray(codes) || codes.length > mostCodes)
      throw permanent('InvalidInput', `expected at most ${mostCodes} codes, found ${shown(codes)}; send fewer at once`);
    const environment = deps.environment(gate.target);
    const electorate = bindTo(deps, await withDatabase(environment, 'codes', systemIdentifierOf));
    if (gate.policyDigest !== electorate.policyDigest)
      return codes.map(() => ({ refused: changedSince, superseded: true }));
    return verdictsOn(electorate, gate, codes);
  };
}

const changedSince =
  'the policy or the people of the settings have changed since this request, so its codes count for nothing; a request for approval is made again by itself, a question after "retry"';
