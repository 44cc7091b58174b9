import { askingFacts, doneFacts, hostileFacts, waitingFacts } from '../../support/looks/facts';
import { why } from '../../../report/run/why';

test('a wait is what, who, until when, and what then', () => {
  expect(why(waitingFacts())).toBe(
    'Waits: 2 approvals for production, 1 given; who can end it: approvers: ben (told), carl (not told); ' +
      'until 2026-11-25 09:20:00 UTC; then: the gate expires and everything stays as it is',
  );
});

test('a wait without end says so', () => {
  expect(why(askingFacts())).toContain('no deadline');
});

test('without a wait it names what runs, and that no one needs to act', () => {
  const { waiting: _, ...facts } = waitingFacts();
  expect(why(facts)).toBe('Runs "gate production" since 2026-11-24 09:20:00 UTC; no one needs to act');
  expect(why({ ...facts, steps: [] })).toBe('Is between two steps of the phase approval; no one needs to act');
});

test('a hold is named beside what it waits for', () => {
  const held = { since: '2026-11-24T09:00:00.000Z', reason: 'incident in another service' };
  expect(why(waitingFacts({ held }))).toMatch(/ \(on hold: incident in another service\)$/);
});

test('an ended rollout says how and why', () => {
  expect(why(doneFacts())).toMatch(/^Ended as done: the columns are gone/);
  const said = why(doneFacts({ report: '/reports/a.md', destroyAt: '2026-12-24T12:00:00.000Z' }));
  expect(said).toContain('; report: /reports/a.md; way back: npx rubicon rollback agent-api/');
  expect(said).toMatch(/, with its backups until 2026-12-24 .*12:00.*UTC$/);
  expect(why(doneFacts({ outcome: 'aborted', pastTheDrop: false }))).not.toContain('way back');
});

test('stays one short line, whatever stands in the facts', () => {
  const { outcome: _, ...facts } = hostileFacts();
  expect(why(facts).length).toBeLessThan(1_500);
  expect(why(facts)).not.toMatch(/[\n\u202e]/);
});
