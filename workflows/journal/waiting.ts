import type { Facts, Waiting } from '../../contract/run/facts';

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

/** Until production may be changed; hold and abort act meanwhile. */
export const waitingForTime = (sentence: string, until: string): Waiting => ({
  for: 'time',
  sentence,
  who: 'nobody: time alone',
  until,
  then: 'production is changed',
  signals: [
    { name: 'hold', input: { reason: '…' }, does: 'stop here' },
    { name: 'abort', input: { reason: '…' }, does: 'end with everything as it was' },
  ],
});

/** A rollback does not end before it is known whether anything was dropped. */
export const waitingForAbort = (rollout: string): Waiting => ({
  for: 'time',
  sentence: `${rollout}, which was asked to abort: its state row is still open`,
  who: `whoever can help that run (npx rubicon why ${rollout}); if it was terminated, abort this one and start it again`,
  then: 'this one ends; if the drop was faster, it asks for the approval of a rollback',
  signals: [{ name: 'abort', input: { reason: '…' }, does: 'stop waiting; nothing is changed by this run' }],
});

type Run = Pick<Facts, 'kind' | 'pastTheDrop'>;

/** What ends a run where it stands; nothing ends a rollback that has begun to put columns back. */
function ends({ kind, pastTheDrop }: Run, reason: string): Waiting['signals'] {
  if (!pastTheDrop) return [{ name: 'abort', input: { reason }, does: 'put back and end' }];
  if (kind === 'rollback') return [];
  return [{ name: 'rollback', input: { reason }, does: 'take it back; asks for its own approval' }];
}
