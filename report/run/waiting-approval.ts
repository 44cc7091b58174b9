import { missingByRole, sentAs } from '../../contract/run/decisions';
import type { OpenGate, Purpose, Vote } from '../../contract/run/decisions';
import type { Waiting } from '../../contract/run/waiting';
import { expiryClause, gateSubject, missingText } from './approvals';

/** Whom an open gate waits for, what has come, and what happens if nobody answers. */
export function waitingForApproval(opened: OpenGate, votes: readonly Pick<Vote, 'person' | 'roles'>[]): Waiting {
  const given = votes.length === 0 ? '' : `; given by ${votes.map(({ person }) => person).join(', ')}`;
  const { signal, input } = sentAs[opened.purpose];
  return {
    for: 'approval',
    sentence: `${gateSubject(opened)}, still missing: ${missingText(missingByRole(opened.needs, votes))}${given}`,
    who: opened.told.filter((person) => votes.every((vote) => vote.person !== person)).join(', '),
    until: opened.expiresAt,
    then: expiryClause(opened.purpose),
    signals: [
      {
        name: signal,
        input: {
          code: opened.purpose === 'receive' ? 'the code in your sealed file' : 'the code from your direct message',
          ...input,
        },
        does: 'one vote',
      },
      { name: 'reject', input: { reason: '…' }, does: rejects[opened.purpose] },
    ],
  };
}

/** What a rejection does. */
const rejects: Record<Purpose, string> = {
  approve: 'ends the request at once; everything stays as it is',
  'accept-loss': 'ends the rollback at once; nothing is changed',
  accept: 'ends the request at once; everything stays as it is',
  receive: 'ends the rollback; no row was changed',
  'hand-over': 'ends the rollback; the new keys stay, and the report says that no one has confirmed',
};
