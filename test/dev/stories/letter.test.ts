import { readLetter } from '../../../dev/stories/letter';
import { slackGate, slackReminder } from '../../../report/slack/slack-gate';
import { sampleGate, sampleRun, usedCode } from '../../support/looks/facts';

const evidence = { dies: ['sessions.owner_api_key'], when: 'now', wayBack: 'none', seen: [], accepted: [] };
const plan = { name: 'drop-plaintext-api-keys', does: 'Drop the plaintext API keys.' };
const letterOf = (gate: Partial<typeof sampleGate>) =>
  readLetter(slackGate({ gate: { ...sampleGate, ...gate }, evidence, plan, code: usedCode }));

test('an approver finds run, signal and what to paste in the direct message', () => {
  expect(letterOf({})).toEqual({
    workflowId: sampleRun.workflowId,
    signal: 'approve',
    input: { code: usedCode },
    code: usedCode,
    to: '',
    title: 'Your approval is asked: agent-api: drop-plaintext-api-keys',
  });
});

test('a loss is accepted by pasting what the message shows', () => {
  expect(letterOf({ purpose: 'accept-loss' })).toMatchObject({ input: { code: usedCode, acceptLoss: true } });
});

test('a workflow id with odd characters is read as it is', () => {
  expect(letterOf({ workflowId: 'a & b <c>' })).toMatchObject({ workflowId: 'a & b <c>' });
});

test('a question asks for an answer, a reminder for nothing', () => {
  expect(letterOf({ purpose: 'accept' })).toMatchObject({ signal: 'answer' });
  expect(readLetter(slackReminder({ gate: sampleGate, missing: ['1 more of approver'] }))).toBeUndefined();
});
