import type { Facts } from '../../contract/run/facts';
import { statusEvents } from '../../report/status-events';
import { askingFacts, doneFacts, hostileFacts, waitingFacts } from '../support/looks/facts';

const at = '2026-11-24T09:40:00.000Z';
const events = (before: Facts | undefined, after: Facts): string[] => statusEvents(before, after, at);

test('the first look tells everything so far, the next one only what is new', () => {
  const first = events(undefined, waitingFacts());
  expect(first).toHaveLength(10);
  expect(first[0]).toBe('✓ load the plan (1.0 s): digest 5f2b8c1e');
  expect(first.at(-1)).toBe(
    '  waits: 2 approvals for production, 1 given; who can end it: approvers: ben (told), carl (not told); ' +
      'until 2026-11-25 09:20:00 UTC (in 23 h 40 min)',
  );
  expect(events(waitingFacts(), waitingFacts())).toEqual([]);
});

test('an ended step, a question and the end are one line each', () => {
  const before = waitingFacts();
  expect(events(before, doneFacts())).toEqual([
    '✓ gate production (24 min): approved by anna and ben',
    '✓ backup (5 min 30 s): 1.21 GB, proven',
    '✓ change (48 s): maintenance for 31 s',
    '✓ drop (1.0 s, 2 tries): locks held for 22 ms',
    '✓ production: verify and probe (6.0 s)',
    '✓ monitor (1 h 12 min): 120 samples, all green',
    '✓ done: the columns are gone from staging and production, and the application has been healthy for an hour',
  ]);
  expect(events(doneFacts(), askingFacts())).toEqual([
    expect.stringContaining('⚠ monitor (1 h 12 min): server errors'),
    '⚠ asks about monitor; recommended: rollback',
    expect.stringContaining('  waits: an answer'),
  ]);
});

test('a hold and its end are told', () => {
  const held = waitingFacts({ held: { since: at, reason: 'incident' } });
  expect(events(waitingFacts(), held)).toEqual(['⚠ on hold: incident']);
  expect(events(held, waitingFacts())).toEqual(['● continues']);
});

test('whatever stands in the facts, an event is one line', () => {
  for (const event of events(undefined, hostileFacts())) expect(event.includes('\n')).toBe(false);
});
