import { expectedEnd } from '../../../dev/demo/expected';
import { endingText, faultsOf, type Ending } from '../../../dev/demo/ending';
import { stories } from '../../../dev/stories/stories';
import { createColors } from 'picocolors';
import type { Outcome } from '../../../contract/run/outcome';
import type { Look } from '../../../dev/demo/look';

const canvas = { columns: 80, rows: 40, colors: createColors(false) };
const served = { requests: 700, failed: 0, firstFailures: [], skipped: 0 };
const untouched: Look = { columns: 'columns', revision: '20260201_000006', release: 'phase2', maintenance: false };
const changed: Look = { ...untouched, columns: 'no columns', release: 'phase3' };

/** A rollout that ended so, with staging changed and production as given. */
const ended = (outcome: Outcome, production: Look): Ending =>
  ({
    followed: { result: { outcome, because: 'for a reason', report: __filename } },
    looks: { staging: changed, production },
    traffic: { staging: served, production: served },
  }) as unknown as Ending;

const faultsIn = (ending: Ending, wait: boolean): string[] =>
  faultsOf(expectedEnd(stories.usual, { wait }, ending.followed.result.outcome), ending);

test('the story as it should go has no faults', () => {
  expect(faultsIn(ended('done', changed), false)).toEqual([]);
});

test('played people who end otherwise than the story are a fault', () => {
  expect(faultsIn(ended('rejected', untouched), false)).toContain('expected the outcome done, found rejected');
});

test.each(['rejected', 'aborted', 'expired', 'rolled-back'] as const)(
  'a person who ends it as %s is told what that means, and finds no list of faults',
  (outcome) => {
    const ending = ended(outcome, { ...untouched, release: outcome === 'aborted' ? 'phase3' : 'phase2' });
    expect(faultsIn(ending, true)).toEqual([]);
    const { lesson } = expectedEnd(stories.usual, { wait: true }, outcome);
    const text = endingText(lesson, ending, [], canvas);
    expect(text).toMatch(/✓ The rollout ended as/);
    expect(text).toMatch(/You |No one decided/);
    expect(text).not.toContain('did not go as expected');
  },
);

test('a rejection after which production lacks its columns is a fault, whoever decided', () => {
  expect(faultsIn(ended('rejected', changed), true)).toEqual(['expected production with columns, found no columns']);
});

test('maintenance that was left on is a fault of every end', () => {
  expect(faultsIn(ended('aborted', { ...untouched, maintenance: true }), true)).toEqual([
    'expected no maintenance in production, found that it is on',
  ]);
});
