import type { Waiting } from '../contract/facts';

/** What a run says of its waits that are the same everywhere. */

export const waitingForWorker = (step: string): Waiting => ({
  for: 'worker',
  sentence: `a worker that takes "${step}": none has come within 60 s`,
  who: 'whoever starts one (rubicon worker --roles staging or --roles production)',
  then: 'it goes on by itself, and looks first',
  signals: [
    { name: 'hold', input: { reason: 'no worker' }, does: 'stop at the next safe point' },
    { name: 'abort', input: { reason: 'no worker' }, does: 'put back and end, as soon as a worker is there' },
  ],
});

export const waitingForResume = (reason: string): Waiting => ({
  for: 'resume',
  sentence: `"resume": held because ${reason}`,
  who: 'the release manager or on-call',
  then: 'nothing happens until somebody resumes',
  signals: [
    { name: 'resume', input: {}, does: 'go on' },
    { name: 'abort', input: { reason: '…' }, does: 'put back and end (before the drop)' },
    { name: 'rollback', input: { reason: '…' }, does: 'take it back (after the drop)' },
  ],
});
