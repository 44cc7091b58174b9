import { join } from 'node:path';
import { currentDetails } from '../../../report/temporal-ui/current-details';
import { askingFacts, doneFacts, hostileFacts, refusedFacts, usedCode, waitingFacts } from '../../support/looks/facts';
import { expectGolden } from '../../support/looks/golden';

const at = '2026-11-24T09:40:00.000Z';
const golden = (name: string): string => join(__dirname, `current-details-${name}.golden.txt`);

test('a waiting rollout says who acts next, until when, with which clicks and which JSON', () => {
  expectGolden(golden('waiting'), currentDetails(waitingFacts(), at));
});

test('a question says what is wrong, in what state everything is, and what to answer', () => {
  expectGolden(golden('asking'), currentDetails(askingFacts(), at));
});

test('an ended rollout says how it ended and asks for nothing', () => {
  expectGolden(golden('done'), currentDetails(doneFacts(), at));
  expect(currentDetails(refusedFacts(), at)).not.toContain('Send a Signal');
});

test('a rollout that is at work names its step, and how it can be stopped', () => {
  const { waiting: _, ...facts } = waitingFacts({ phase: 'production' });
  const details = currentDetails(facts, at);
  expect(details).toMatch(/^\*\*● production\*\*: gate production\. No one needs to act\.\nAs of .*\n\nTo stop it: /);
  expect(details).toContain('**hold** or **abort**');
  expect(currentDetails({ ...facts, pastTheDrop: true }, at)).toContain('**hold** or **rollback**');
});

test('a held rollout says so first', () => {
  const held = { since: '2026-11-24T09:00:00.000Z', reason: 'incident' };
  expect(currentDetails(waitingFacts({ held }), at)).toMatch(/^\*\*⚠ On hold, approval\*\*/);
});

test('hostile and endless texts stay below what Temporal takes, and do nothing', () => {
  const details = currentDetails(hostileFacts(), at);
  expect(Buffer.byteLength(details)).toBeLessThan(20_000);
  const effective = details
    .replace(/^(`{3,}).*\n[^]*?\n\1$/gm, '')
    .replace(/\\./g, '')
    .replace(/`[^`\n]*`/g, '');
  expect(effective).not.toMatch(/<script|\[link|javascript:|\u202e/);
  expect(details.split('\n').filter((line) => line.startsWith('#'))).toEqual([]);
});

test('no code of an approver is shown', () => {
  expect(currentDetails(doneFacts(), at)).not.toContain(usedCode);
});
