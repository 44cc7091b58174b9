import type { Facts, Waiting } from '../contract/facts';

/** What a run says of its waits that are the same everywhere. */

/** @param role of the worker that is missing; undefined = not known */
export const waitingForWorker = (step: string, role: string | undefined, facts: Run): Waiting => ({
  for: 'worker',
  sentence: `a worker that takes "${step}": none has come within 60 s`,
  who: `whoever starts one (npx rubicon worker --roles ${role ?? 'staging or --roles production'})`,
  then: 'it goes on by itself, and looks first',
  signals: [
    { name: 'hold', input: { reason: 'no worker' }, does: 'stop at the next safe point' },
    ...ends(facts, 'no worker'),
  ],
});

export const waitingForResume = (reason: string, facts: Run): Waiting => ({
  for: 'resume',
  sentence: `"resume": held because ${reason}`,
  who: 'the release manager or on-call',
  then: 'nothing happens until somebody resumes',
  signals: [{ name: 'resume', input: {}, does: 'go on' }, ...ends(facts, '…')],
});

type Run = Pick<Facts, 'kind' | 'pastTheDrop'>;

/** What ends a run where it stands; nothing ends a rollback that has begun to put columns back. */
function ends({ kind, pastTheDrop }: Run, reason: string): Waiting['signals'] {
  if (!pastTheDrop) return [{ name: 'abort', input: { reason }, does: 'put back and end' }];
  if (kind === 'rollback') return [];
  return [{ name: 'rollback', input: { reason }, does: 'take it back; asks for its own approval' }];
}
