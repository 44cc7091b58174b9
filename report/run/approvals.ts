import { readableInstant } from '../../contract/text/instant';
import { onExpiry } from '../../contract/run/decisions';
import type { MissingApproval, OpenGate, Purpose } from '../../contract/run/decisions';

/** How a needed vote is told, in every place alike. */

/** `1 approval from role "approver"`. */
export const missingText = (missing: readonly MissingApproval[]): string =>
  missing.map(({ role, count }) => `${count} ${approvals(count)} from role "${role}"`).join(', ');

/** `2 approvals from role "approver"`. */
export const neededText = (needs: Record<string, number>): string =>
  missingText(Object.entries(needs).map(([role, count]) => ({ role, count }))) || 'no approval';

/** `anna and ben`. */
export const namesText = (names: readonly string[]): string => names.join(' and ');

/** What comes of a gate that nobody answers, as a clause. */
export const expiryClause = (purpose: Purpose): string =>
  ({ ends: 'the request expires and nothing changes', 'asks again': 'you are asked again' })[onExpiry[purpose]];

/** The same as the last words of what an approver reads. */
export const expirySentence = ({ purpose, expiresAt }: Pick<OpenGate, 'purpose' | 'expiresAt'>): string =>
  ({
    ends: `Without enough approvals it ends at ${readableInstant(expiresAt)}`,
    'asks again': `Without an answer by ${readableInstant(expiresAt)} you are asked again`,
  })[onExpiry[purpose]];

const isReceipt = (purpose: Purpose): boolean => purpose === 'receive' || purpose === 'hand-over';

/** What a person is asked for, in a few words: `approval of "production"`. */
export const gateSubject = ({ name, purpose }: Pick<OpenGate, 'name' | 'purpose'>): string =>
  isReceipt(purpose) ? `confirmation of "${name}"` : `approval of "${name}"`;

const approvals = (count: number): string => (count === 1 ? 'approval' : 'approvals');
