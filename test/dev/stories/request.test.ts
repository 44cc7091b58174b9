import { codeKey } from '../../../contract/run/decisions';
import { gateOf, readCode, requestOf } from '../../../dev/stories/request';
import { slackGate } from '../../../report/slack/slack-gate';
import { slackReminder } from '../../../report/slack/slack-reminder';
import { sampleGate, usedCode, waitingFacts } from '../../support/looks/facts';
import { keysEvidence } from '../../support/looks/evidence';

const plan = { name: 'drop-plaintext-api-keys', does: 'Drop the plaintext API keys.' };
const { blocks } = slackGate({ gate: sampleGate, evidence: keysEvidence, plan, code: usedCode });
const metadata = { event_type: 'rubicon_message', event_payload: { key: codeKey(sampleGate.challenge, 'anna') } };

test('a direct message gives its code and its opening; run, signal and input follow from the gate', () => {
  const received = readCode({ blocks, metadata });
  expect(received).toEqual({ challenge: sampleGate.challenge, code: usedCode });

  const gate = gateOf(waitingFacts(), received ?? { challenge: '', code: '' });
  expect(gate).toBe(sampleGate);
  expect(requestOf(sampleGate, usedCode, 'anna')).toEqual({
    ...{ workflowId: sampleGate.workflowId, signal: 'approve', input: { code: usedCode } },
    ...{ code: usedCode, to: 'anna' },
  });
});

test('what is sent follows from the purpose', () => {
  const sent = (purpose: typeof sampleGate.purpose) => requestOf({ ...sampleGate, purpose }, usedCode, 'anna');
  expect(sent('accept-loss')).toMatchObject({ signal: 'approve', input: { code: usedCode, acceptLoss: true } });
  expect(sent('accept')).toMatchObject({ signal: 'answer', input: { code: usedCode, choice: 'accept' } });
});

test('a reminder has no code, and a message of another kind is of no opening', () => {
  const reminder = slackReminder({ gate: sampleGate, missing: [{ role: 'approver', count: 1 }], link: undefined });
  expect(readCode({ ...reminder, metadata })).toBeUndefined();
  expect(readCode({ blocks, metadata: undefined })).toBeUndefined();
  expect(readCode({ blocks, metadata: { event_payload: { key: 'line-3' } } })).toBeUndefined();
});
