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
  expect(details).toMatch(
    /^\*\*● production\*\*: gate production\. No one needs to act\.\nAs of .*\n\nTo stop it, copy this first; /,
  );
  expect(details).toContain('**hold** or **abort**');
  expect(currentDetails({ ...facts, pastTheDrop: true }, at)).toContain('**hold** or **rollback**');
});

test('a held rollout says so first', () => {
  const held = { since: '2026-11-24T09:00:00.000Z', reason: 'incident' };
  expect(currentDetails(waitingFacts({ held }), at)).toMatch(/^\*\*⚠ On hold, approval\*\*/);
});

test('on hold at a gate, "resume" is offered, too', () => {
  const held = { since: '2026-11-24T09:00:00.000Z', reason: 'incident 42' };
  const details = currentDetails(waitingFacts({ held }), at);
  expect(details).toContain('(on hold because incident 42)');
  expect(details).toContain('**resume**, ends the hold (because incident 42):\n```json\n{}\n```');
  expect(currentDetails(waitingFacts(), at)).not.toContain('**resume**');
});

test('what can be pasted is as the editor of Temporal UI would write it', () => {
  const blocks = [...currentDetails(waitingFacts(), at).matchAll(/^```json\n([^]*?)\n```$/gm)].map(
    ([, json = '']) => json,
  );
  expect(blocks).toHaveLength(2);
  for (const json of blocks) expect(JSON.stringify(JSON.parse(json), null, 2)).toBe(json);
});

test('what was not taken last stands at the top, its quotes as they are; once something was taken, no more', () => {
  const refused = { kind: 'approve', at, accepted: false, because: 'send for example {"code":"K7Q2"}' };
  const top = (messages: object[]): string =>
    currentDetails(waitingFacts({ messages: messages as never }), at).split('\n\n')[0] ?? '';
  expect(top([refused])).toContain('⚠ Not taken: `approve: send for example {"code":"K7Q2"}`');
  expect(top([refused, { ...refused, accepted: true }])).not.toContain('Not taken');
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
