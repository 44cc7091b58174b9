import { join } from 'node:path';
import { createColors } from 'picocolors';
import type { Facts } from '../../../contract/run/facts';
import { picture, type Canvas, type Moment } from '../../../client/picture/picture';
import { rowsOf } from '../../../client/picture/rows';
import { watchPicture } from '../../../client/picture/watch-picture';
import { openShow } from '../../../dev/demo/show';
import { hostileFacts, waitingFacts } from '../../support/looks/facts';
import { stepIdOf } from '../../support/looks/step-id';
import { expectGolden } from '../../support/looks/golden';

const asOf = '2026-11-24T09:40:00.000Z';
const moment: Moment = {
  asOf,
  traffic: 'staging 1,204, production 1,198 requests; 0 failed, 7 turned away in maintenance',
  news: ['  41.0 s  anna reads a direct message', '  44.0 s  anna approves with the code of that message'],
};
const canvas = (columns: number, rows: number): Canvas => ({ columns, rows, colors: createColors(false) });

/** As the journal of the demo's plan names its steps. */
function awaitingApproval(): Facts {
  const facts = waitingFacts();
  const { gates: _, ...rest } = facts;
  const step = (name: string, note?: string): Facts['steps'][number] => ({
    ...{ id: stepIdOf(name), name, state: 'done', tries: 1, findings: [], ...(note !== undefined && { note }) },
    ...{ startedAt: '2026-11-24T09:20:00.000Z', endedAt: '2026-11-24T09:20:02.100Z' },
  });
  const { endedAt: _endedAt, ...asking } = step('approval: production');
  const steps = [
    step('preflight', '54 findings, none in the way'),
    step('staging: load test', '1,000 requests, all succeeded'),
    step('staging: soak', '1 d of 1 d healthy, 96 samples, 1 restart'),
    { ...asking, state: 'running' as const },
  ];
  return { ...rest, gates: [], steps };
}

test('the picture shows what was done, what is waited for, and what is to come', () => {
  const lines = picture([awaitingApproval()], moment, canvas(100, 50));
  expectGolden(join(__dirname, 'picture.golden.txt'), `${lines.join('\n')}\n`);
});

test.each([
  [80, 24],
  [60, 14],
  [200, 30],
])('the picture fits into %i columns and %i rows, and shows the step that runs', (columns, rows) => {
  const lines = picture([awaitingApproval()], moment, canvas(columns, rows));
  expect(lines.length).toBeLessThan(rows);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(columns);
  expect(lines.join('\n')).toMatch(/● approval: production/);
});

test.each([
  [80, 24],
  [60, 16],
])('status --watch draws the same in %i columns and %i rows, below what it is about', (columns, rows) => {
  const lines = watchPicture(awaitingApproval(), asOf, canvas(columns, rows));
  expect(lines.length).toBeLessThan(rows);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(columns);
  expect(lines[0]).toMatch(/^● agent-api: /);
  expect(lines.join('\n')).toMatch(/● approval: production/);
  expect(lines.join('\n')).toMatch(/^ {2}step {7}\d+ of \d+$/m);
});

test('the reason of a step that asks is told in full, at 80 columns', () => {
  const facts = awaitingApproval();
  const note =
    'load test: p95: expected at most 500 ms, found 616.9 ms; look into the log of staging, or try again when the machine has less to do';
  const steps = facts.steps.map((step) => ({ ...step, state: 'asking' as const, note }));
  const lines = picture([{ ...facts, steps: steps.slice(0, 1) }], moment, canvas(80, 60));
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(80);
  expect(lines.map((line) => line.trim()).join(' ')).toContain(note);
});

test('whatever stands in the facts, a row stays a row', () => {
  const lines = picture([hostileFacts()], moment, canvas(100, 40));
  expect(lines.length).toBeLessThan(40);
  for (const line of lines) for (const odd of ['\n', '\r', '\u001b', '\u202e']) expect(line).not.toContain(odd);
});

test('an approval that is awaited tells who has approved', () => {
  const row = rowsOf(awaitingApproval(), asOf).find(({ name }) => name === 'approval: production');
  expect(row).toEqual({
    ...{ id: { name: 'approval', gate: 'production' } },
    name: 'approval: production',
    state: 'running',
    took: '20 min',
    note: 'approved by anna',
  });
});

test('without a terminal each event is one line, told once', () => {
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text) > 0, isTTY: false, columns: 0, rows: 0 };
  const show = openShow(stream, Date.now());
  const facts = awaitingApproval();
  show.update([facts], moment.traffic ?? '');
  show.update([facts], moment.traffic ?? '');
  expect(written.map((line) => line.replace(/^\[.*?\] /, ''))).toEqual([
    '✓ preflight (2.1 s): 54 findings, none in the way\n',
    '✓ staging: load test (2.1 s): 1,000 requests, all succeeded\n',
    '✓ staging: soak (2.1 s): 1 d of 1 d healthy, 96 samples, 1 restart\n',
    '● approval: production …\n',
  ]);
});
