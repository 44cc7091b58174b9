import { randomUUID } from 'node:crypto';
import type { EventData, EventType, NewEvent, RunEvent } from '../../../contract/run/run-event';

type Change = Partial<Pick<NewEvent, 'at' | 'run' | 'link' | 'until' | 'text'>>;

export const eventRun = (change: Partial<NewEvent['run']> = {}): NewEvent['run'] => ({
  ...{ kind: 'rollout', workflowId: `agent-api/drop-plaintext-api-keys/${randomUUID()}`, firstRun: randomUUID() },
  ...{ target: 'agent-api', plan: 'drop-plaintext-api-keys', does: 'Drop the plaintext API keys.' },
  ...{ planDigest: 'a'.repeat(64), requesters: ['maria'] },
  ...change,
});

/** An event of this type, of a run that no other test has. */
export const newEvent = <Type extends EventType>(type: Type, data: EventData<Type>, change: Change = {}): NewEvent =>
  ({
    ...{ type, at: new Date().toISOString(), run: eventRun(), text: `${type} happened`, data },
    link: 'http://127.0.0.1:8233/namespaces/default/workflows/a/b/user-metadata',
    ...change,
  }) as NewEvent;

export const withId = (event: NewEvent): RunEvent => ({ id: `evt_${randomUUID().replaceAll('-', '')}`, ...event });

export const requested: EventData<'approval.requested'> = {
  ...{ gate: 'production', needs: { approver: 2 }, asked: ['anna', 'ben'], until: '2099-11-24T10:00:00.000Z' },
};
export const question: EventData<'question.asked'> = {
  ...{ step: 'production: drop', because: ['could not acquire the lock'], state: 'maintenance off; data hidden' },
  ...{ loss: 'none', recommended: 'retry', ifNobodyAnswers: 'nothing happens', answers: ['retry', 'accept', 'abort'] },
};
export const ended: EventData<'run.ended'> = {
  ...{ outcome: 'done', because: 'all gone', approvedBy: ['anna', 'ben'], announced: true, report: '/r/a.md' },
};
