import { receiversOf } from '../../../activities/delivery/audience';
import { eventTypes, receiverName, type NewEvent } from '../../../contract/run/run-event';
import { mailOf } from '../../../report/mail/mail';
import { sampleControl } from '../../support/inputs/control-settings';
import { ended, eventRun, newEvent, question, requested, withId } from '../../support/inputs/sample-event';

const mail = { host: 'h', port: 25, tls: 'none', from: 'a@b.c', stakeholders: 'stakeholder' } as const;
const everybody = {
  ...sampleControl,
  mail,
  people: [
    ...sampleControl.people.map((person) => ({ ...person, email: `${person.name}@example.com` })),
    { name: 'news', email: 'news@example.com', roles: ['stakeholder'] },
    { name: 'carla', email: 'carla@example.com', roles: ['custodian'] },
    { name: 'silent', roles: ['approver', 'on-call', 'stakeholder'] }, // no address
  ],
};
const told = (event: NewEvent): string[] =>
  receiversOf(event, everybody).map((to) => ('person' in to ? `${to.person} as ${to.as}` : receiverName(to)));
const ofRollback = { run: eventRun({ kind: 'rollback', requesters: ['otto'] }) };

test.each<[string, NewEvent, string[]]>([
  ['approvers, but not who asked', newEvent('approval.requested', requested), ['anna as approver', 'ben as approver']],
  [
    'the role that a gate asks for',
    newEvent('approval.requested', { ...requested, gate: 'hand-out', needs: { custodian: 1 } }),
    ['carla as approver'],
  ],
  ['on call, and who has ordered it', newEvent('question.asked', question), ['maria as requester', 'otto as on-call']],
  ['on call', newEvent('rollback.ordered', { rollback: 'x', reason: 'y' }), ['otto as on-call']],
  ['on call, after the end', newEvent('aftercare.found', { because: ['errors'] }), ['otto as on-call']],
  [
    'stakeholders, a week ahead',
    newEvent('change.planned', { at: '2026-11-24T10:00:00.000Z' }),
    ['news as stakeholder'],
  ],
  ['stakeholders, ahead', newEvent('change.announced', { at: '2026-11-24T10:00:00.000Z' }), ['news as stakeholder']],
  [
    'requester, approvers and stakeholders, done',
    newEvent('run.ended', ended),
    ['maria as requester', 'anna as requester', 'ben as requester', 'news as stakeholder'],
  ],
  [
    'the requester alone, of what nobody was told ahead',
    newEvent('run.ended', { ...ended, outcome: 'rejected', announced: false, approvedBy: [] }),
    ['maria as requester'],
  ],
  [
    'stakeholders, too, of what was announced',
    newEvent('run.ended', { ...ended, outcome: 'aborted', approvedBy: [] }),
    ['maria as requester', 'news as stakeholder'],
  ],
  [
    'no stakeholder of a rollout that its rollback takes back',
    newEvent('run.ended', { ...ended, outcome: 'rolled-back', approvedBy: [] }),
    ['maria as requester'],
  ],
  [
    'stakeholders of the rollback',
    newEvent('run.ended', { ...ended, outcome: 'rolled-back', approvedBy: [], announced: false }, ofRollback),
    ['otto as requester', 'news as stakeholder'],
  ],
  ['nobody', newEvent('run.held', { reason: 'x' }), []],
])('%s', (_, event, names) => expect(told(event)).toEqual(names));

test('a webhook gets what it wants, and all where it says nothing', () => {
  const hook = { url: 'http://x', secret: 's' };
  const webhooks = [
    { ...hook, name: 'all' },
    { ...hook, name: 'pager', events: ['question.asked'] as const },
  ];
  const names = (event: NewEvent) => receiversOf(event, { ...sampleControl, webhooks }).map(receiverName);
  expect(names(newEvent('question.asked', question))).toEqual(['webhook all', 'webhook pager']);
  expect(names(newEvent('run.resumed', {}))).toEqual(['webhook all']);
});

test('whoever is told by mail has something to read', () => {
  const events = [
    ...[newEvent('approval.requested', requested), newEvent('question.asked', question), newEvent('run.ended', ended)],
    ...[newEvent('rollback.ordered', { rollback: 'x', reason: 'y' }), newEvent('aftercare.found', { because: ['e'] })],
    newEvent('run.ended', { ...ended, outcome: 'rolled-back' }, ofRollback),
  ];
  for (const event of events)
    for (const to of receiversOf(event, everybody))
      if ('person' in to)
        expect([event.type, to, mailOf(withId(event), to)]).toEqual([event.type, to, expect.anything()]);
  expect(eventTypes.length).toBeGreaterThan(15);
});
