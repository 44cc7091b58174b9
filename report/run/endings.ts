import type { MissingApproval } from '../../contract/run/decisions';
import type { ChangeKind } from '../../contract/run/change';
import type { RollbackCase } from '../../contract/run/rollback-case';
import type { ObservedState } from '../../contract/run/observed-state';
import { readableInstant } from '../../contract/text/instant';
import { lossOf } from './announcements';
import { missingText } from './approvals';

/** Why a run ended as it did, and in what state everything is: `because` of each outcome. */

export const preflightPassed = 'preflight passed; nothing was changed';

export const stagingCarriesIt = 'staging carries the change; production is unchanged';

/** @param removes as the plan names them */
export const doneBecause = (removes: readonly string[], target: string): string =>
  `${removes.join(', ')} ${removes.length === 1 ? 'is' : 'are'} gone from staging and production of ${target}`;

export const expiredBecause = (gate: string, missing: readonly MissingApproval[], expiresAt: string): string =>
  `"${gate}" expired at ${readableInstant(expiresAt)}; still missing: ${missingText(missing)}`;

export const supersededBecause = (gate: string): string =>
  `the policy or the people of the settings have changed since "${gate}" was requested, so its codes are worth nothing`;

export const soakChangedBecause = (because: readonly string[]): string =>
  `staging was not seen healthy all the time since approval was requested (${because.join(' | ')})`;

export const planChangedBecause = (found: string): string =>
  `expected the plan that staging was changed by, found ${found}; what staging has proven is another plan; start again`;

/** @param by a person, or `claimed`: sent without a code */
export const rejectedBecause = (gate: string, by: string, reason: string): string =>
  `"${gate}" was rejected by ${by === 'claimed' ? 'someone who sent no code (claimed)' : by}: ${reason}`;

/** Instants, ISO: of the approval's end, of the change's begin and of its latest end. */
export const endsTooEarly = (expiresAt: string, beginsAt: string, doneBy: string): string =>
  `the approval expires at ${readableInstant(expiresAt)}, but the change that begins at ${readableInstant(beginsAt)} can take ` +
  `until ${readableInstant(doneBy)}; start again with a longer gateExpiry in the plan`;

export const rolledBackBecause = (rollback: {
  plan: string;
  target: string;
  change: ChangeKind;
  found: Pick<RollbackCase, 'loss' | 'backup'>;
}): string => `${rollback.plan} was rolled back on ${rollback.target}; ${lossOf(rollback.change, rollback.found)}`;

export const undoneBecause = (did: readonly string[]): string => `no data is lost: ${did.join('; ')}`;

export const nothingToRollBack = (observed: ObservedState): string => `nothing to roll back: ${stateOf(observed)}`;

export const askedToAbort = (observed: ObservedState, rollout: string): string =>
  `nothing was dropped yet (${stateOf(observed)}): ${rollout} was asked to abort`;

const stateOf = ({ row, data, freeze }: ObservedState): string =>
  `its state row is "${row}" and the data ${data}${freeze === undefined ? '' : ', writes blocked'}`;

export const yieldedTo = (rollback: string): string => `handed over to ${rollback}`;

export const yieldRefused = (rollback: string, because: string): string => `not handed over to ${rollback}: ${because}`;

export const rollbackNotLoaded = (found: string): string =>
  `nothing was changed: ${found}; fix that, then start the rollback again`;
