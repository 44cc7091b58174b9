import { join } from 'node:path';
import { statusText, stepLine } from '../../report/status-text';
import { askingFacts, doneFacts, hostileFacts, usedCode, waitingFacts } from '../support/looks/facts';
import { expectGolden } from '../support/looks/golden';

const at = '2026-11-24T09:40:00.000Z';
const golden = (name: string): string => join(__dirname, `status-${name}.golden.txt`);

test('a terminal shows where a rollout is, what it waits for, and its steps', () => {
  expectGolden(golden('waiting'), statusText(waitingFacts(), at));
});

test('a terminal shows a question with its answers', () => {
  expectGolden(golden('asking'), statusText(askingFacts(), at));
});

test('an ended rollout names its end and its report, and no code', () => {
  const text = statusText(doneFacts(), at);
  expect(text).toMatch(/^✓ agent-api: drop-plaintext-api-keys: done\n/);
  expect(text).toContain('report: /var/lib/rubicon/reports/');
  expect(text).not.toContain(usedCode);
});

test('a step is one line, whatever stands in it', () => {
  const [step] = hostileFacts().steps;
  if (step === undefined) throw new Error('expected a step');
  expect(stepLine(step, at).split('\n')).toHaveLength(1);
  expect(statusText(hostileFacts(), at).includes('\u202e')).toBe(false);
});
