import { shorterWaits } from '../../../contract/plan/durations';
import { durationsSchema } from '../../../contract/plan/plan';
import type { RolloutEvidence } from '../../../contract/run/gate-evidence';
import { toMs } from '../../../contract/text/duration';
import { gateText } from '../../../report/gates/gate-text';
import { readReading } from '../../support/workflows/readings';

const { gate, evidence } = readReading('run-production');
const { seals: _, ...asked } = evidence as RolloutEvidence;
const titles = (of: RolloutEvidence): string[] => gateText(gate, of).parts.map(({ title }) => title);
const linesOf = (of: RolloutEvidence, title: string): string[] =>
  gateText(gate, of).parts.find((part) => part.title === title)?.lines ?? [];

test('a wait that is shorter than usual is told with both values; one that is longer is not', () => {
  const durations = durationsSchema.parse({ trial: '1 minute', monitor: '3 hours' });
  const found = shorterWaits(durations, toMs('2 hours'));
  expect(found.map(({ name }) => name)).toEqual(['soak', 'trial']);
  expect(linesOf({ ...asked, shorterWaits: found }, '⚠ Shorter than usual')).toEqual([
    'soak of staging: 2 h instead of 1 d',
    'trial of production without the data: 1 min instead of 15 min',
  ]);
});

test('what failed first, what was accepted and what is not covered is told in full, before what went well in one line', () => {
  const odd: RolloutEvidence = {
    ...asked,
    shorterWaits: [],
    failedFirst: [{ step: 'staging: freeze', because: ['could not acquire the lock'] }],
    accepted: [{ gate: 'question: preflight', by: 'otto', reason: 'a notice only', about: ['an event trigger'] }],
    proof: { ...asked.proof, notCovered: ['load test: the plan has none'] },
  };
  expect(titles(odd)).toEqual([
    'Will be deleted from production',
    'After the last approval',
    'Reversible',
    '⚠ Not covered',
    '⚠ Did not succeed at first',
    '⚠ Accepted despite a finding',
    'What went well',
    'If you reject, or no one answers',
  ]);
  expect(linesOf(odd, '⚠ Not covered')).toEqual(['load test: the plan has none']);
  expect(linesOf(odd, '⚠ Did not succeed at first')).toEqual(['staging: freeze: could not acquire the lock']);
  expect(linesOf(odd, '⚠ Accepted despite a finding')).toHaveLength(2);
  expect(linesOf(odd, 'What went well')).toHaveLength(1);
});

test('what did not go well is not told as what did', () => {
  const { staging } = asked.proof;
  const bad: RolloutEvidence = {
    ...asked,
    proof: {
      ...asked.proof,
      copies: { production: { extent: 'sample', passed: false, rows: 5, lacks: [], notCovered: [] } },
      staging: {
        rollback: { notCovered: 'no proven backup' },
        loadTest: [{ check: 'load test: p95', found: '900 ms', status: 'failed' }],
        ...(staging.soak && { soak: { ...staging.soak, restarts: 2, accepted: ['errors 3'] } }),
      },
    },
  };
  const well = linesOf(bad, 'What went well').join('');
  expect(well).not.toMatch(/equal|rehearsed|load test/);
  expect(linesOf(bad, '⚠ Not covered')).toEqual([
    'change and rollback on a copy: production, a sample of 5 rows: ⚠ NOT EQUAL',
    expect.stringContaining('rollback NOT rehearsed in staging'),
    'load test in staging: p95 900 ms',
  ]);
  expect(linesOf(bad, '⚠ Did not succeed at first')).toEqual([
    'soak: critical 2 times; its clock was set back to 0 each time',
  ]);
  expect(linesOf(bad, '⚠ Accepted despite a finding')).toEqual(['as unrelated, in the soak: errors 3']);
});

test('what nobody has sealed stands right after what will be deleted', () => {
  const claimed: RolloutEvidence = { ...asked, seals: { sealed: ['rows'], claimed: ['soak'] } };
  expect(titles(claimed)[1]).toBe('⚠ Claimed, not sealed');
  expect(titles(claimed).at(-1)).toBe('Sealed');
});
