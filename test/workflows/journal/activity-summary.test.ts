import { activitySummary } from '../../../workflows/journal/activity-summary';
import { waitingFacts } from '../../support/looks/facts';

test.each([
  ['staging: ', 'setMaintenance', { on: true }, 'staging: maintenance on'],
  ['staging: ', 'setMaintenance', { on: false }, 'staging: maintenance off'],
  ['production: ', 'deploy', { serves: 'to' }, 'production: new release'],
  ['production: ', 'watch', { forMs: 300_000 }, 'production: for 5 min'],
  ['production: ', 'proveNothingStale', {}, 'production: prove nothing stale'],
  ['', 'announce', { text: 'Soak starts again' }, 'Slack: Soak starts again'],
  ['', 'publishStatus', { facts: waitingFacts() }, 'Slack: gate production'],
])('%s%s is told as what it does', (label, name, input, summary) => {
  expect(activitySummary(label, name, input)).toBe(summary);
});

test('no code is told', () => {
  const input = { gate: { name: 'production' }, codes: ['K7Q2-9XWM-4T3H-PB6D', 'ABCD'] };
  expect(activitySummary('production: ', 'verifyCodes', input)).toBe('production: 2 codes for production');
});

test('whatever people write, it is one line that Temporal takes', () => {
  for (const text of ['x'.repeat(10_000), '😀'.repeat(10_000), `a\nb\u202e${'ü'.repeat(300)}`]) {
    const summary = activitySummary('', 'announce', { text });
    expect(Buffer.byteLength(summary)).toBeLessThan(200);
    expect(summary).not.toMatch(/[\n\u202e]/);
  }
});
