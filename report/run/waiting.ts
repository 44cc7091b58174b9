import type { Facts, SoakState } from '../../contract/run/facts';
import type { Question, Waiting } from '../../contract/run/waiting';
import type { EnvironmentName } from '../../contract/run/names';
import { readableDuration } from '../../contract/text/duration';
import { soakText } from './soak-text';

/** What a run says of its waits, but for approvals and questions. */

const timeAlone = 'no one; continues automatically';

/** @param role of the worker that is missing; undefined = not known */
export const waitingForWorker = (step: string, role: string | undefined, facts: Run): Waiting => ({
  for: 'worker',
  sentence: `a worker that takes "${step}": none came within 60 s`,
  who: `anyone who can start one (npx rubicon worker --roles ${role ?? 'staging or --roles production'})`,
  then: 'it checks what was done, then continues automatically',
  signals: [
    { name: 'hold', input: { reason: 'no worker' }, does: 'stop at the next safe point' },
    ...ends(facts, 'no worker'),
  ],
});

export const waitingForResume = (reason: string, facts: Run): Waiting => ({
  for: 'resume',
  sentence: `"resume": on hold because ${reason}`,
  who: 'the release manager or on-call',
  then: 'nothing happens until someone resumes',
  signals: [{ name: 'resume', input: {}, does: 'continue' }, ...ends(facts, '…')],
});

/** Until production may be changed; hold and abort act meanwhile. */
export const waitingForTime = (sentence: string, until: string): Waiting => ({
  for: 'time',
  sentence,
  who: timeAlone,
  until,
  then: 'production is changed',
  signals: [
    { name: 'hold', input: { reason: '…' }, does: 'stop here' },
    { name: 'abort', input: { reason: '…' }, does: 'end with everything as it was' },
  ],
});

/** @param because the freeze that keeps production waiting; undefined = only the windows of the week */
export const changeWindowSentence = (because: string | undefined): string =>
  `the change window of production${because === undefined ? '' : `, after ${because}`}`;

/** A rollback does not end before it is known whether anything was dropped. */
export const waitingForAbort = (rollout: string): Waiting => ({
  for: 'time',
  sentence: `${rollout}, which was asked to abort: its state row is still open`,
  who: `anyone who can help that run (npx rubicon why ${rollout}); if it was terminated, abort this one and start it again`,
  then: 'this run ends; if the drop came first, it asks for the approval of a rollback',
  signals: [{ name: 'abort', input: { reason: '…' }, does: 'stop waiting; this run changes nothing' }],
});

export const waitingForUndo = (what: string, found: string): Waiting => ({
  for: 'time',
  sentence: `${what} did not succeed: ${found}`,
  who: 'anyone who can fix that; it is retried within 5 min',
  then: 'it continues once the data is as it was',
  signals: [],
});

/** @param until ISO, if it stays healthy */
export const waitingForSoak = (clock: SoakState, until: string): Waiting => ({
  for: 'soak',
  sentence: `the soak of staging: ${soakText(clock)}`,
  who: timeAlone,
  until,
  then: 'the approval of production is requested',
  signals: [
    { name: 'hold', input: { reason: '…' }, does: 'the clock stops' },
    { name: 'abort', input: { reason: '…' }, does: 'undo and end' },
  ],
});

/** How far something that is watched has come, ms. `until`: ISO. */
interface Watching {
  doneMs: number;
  wholeMs: number;
  until: string;
}

const progress = ({ doneMs, wholeMs }: Watching): string =>
  `${readableDuration(doneMs)} of ${readableDuration(wholeMs)}`;

/** The last wait before the point of no return. */
export const waitingForTrial = (name: EnvironmentName, watching: Watching): Waiting => ({
  for: 'trial',
  sentence: `the trial of ${name} without the data: ${progress(watching)}`,
  who: timeAlone,
  until: watching.until,
  then: `the data is dropped: the point of no return${name === 'staging' ? ' of staging' : ''}`,
  signals: [
    { name: 'hold', input: { reason: '…' }, does: 'the trial stops counting; the data stays hidden' },
    { name: 'abort', input: { reason: '…' }, does: 'undo: the data is visible again, and the run ends' },
  ],
});

export const waitingForMonitor = (watching: Watching): Waiting => ({
  for: 'monitor',
  sentence: `the monitor of production: ${progress(watching)}`,
  who: timeAlone,
  until: watching.until,
  then: 'it is announced as done, and aftercare starts',
  signals: [
    { name: 'hold', input: { reason: '…' }, does: 'monitoring stops' },
    { name: 'rollback', input: { reason: '…' }, does: 'order a rollback, which asks for its own approval' },
  ],
});

export const waitingForAnswer = (question: Question): Waiting => ({
  for: 'answer',
  sentence: `an answer: "${question.step}" did not succeed: ${question.because.join(' | ')}`,
  who: 'the release manager or on-call',
  then: question.ifNobodyAnswers,
  signals: question.choices.map(({ choice, does, needsCode }) => ({
    name: 'answer' as const,
    input: { choice, reason: '…', ...(needsCode && { code: '…' }) },
    does,
  })),
});

type Run = Pick<Facts, 'kind' | 'pastTheDrop'>;

/** What ends a run where it stands; nothing ends a rollback that has begun to change rows. */
function ends({ kind, pastTheDrop }: Run, reason: string): Waiting['signals'] {
  if (!pastTheDrop) return [{ name: 'abort', input: { reason }, does: 'undo and end' }];
  if (kind === 'rollback') return [];
  return [{ name: 'rollback', input: { reason }, does: 'order a rollback, which asks for its own approval' }];
}
