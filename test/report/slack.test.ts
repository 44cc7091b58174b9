import { join } from 'node:path';
import { parseBlocks } from '../../dev/local-slack/blocks';
import { escapeMrkdwn, mrkdwnLink } from '../../report/slack/mrkdwn';
import { slackAnnouncement } from '../../report/slack/slack-announcement';
import { slackGate } from '../../report/slack/slack-gate';
import type { SlackMessage } from '../../report/slack/slack-message';
import { slackReminder } from '../../report/slack/slack-reminder';
import { slackStatus } from '../../report/slack/slack-status';
import type { RolloutEvidence } from '../../contract/run/gate-evidence';
import { keysEvidence } from '../support/looks/evidence';
import {
  askingFacts,
  doneFacts,
  hostileFacts,
  hostileText,
  refusedFacts,
  sampleGate,
  usedCode,
  waitingFacts,
} from '../support/looks/facts';
import { expectGolden } from '../support/looks/golden';
import { readableSlack } from '../support/looks/readable-slack';

const golden = (name: string): string => join(__dirname, `slack-${name}.golden.txt`);

const evidence = keysEvidence;
const plan = { name: 'drop-plaintext-api-keys', does: 'Drop the plaintext API keys.' };
const code = 'K7Q2-9XWM-4T3H-PB6D';
const oneMore = [{ role: 'approver', count: 1 }];
const shellQuote = "a'b c";

const readable = readableSlack;

const takenBySlack = (message: SlackMessage): boolean => 'blocks' in parseBlocks(JSON.stringify(message.blocks));

test('the message of a waiting rollout says where it is and whom it waits for', () => {
  expectGolden(golden('status-waiting'), readable(slackStatus(waitingFacts())));
});

test('the message of a question leads with what went wrong and what to answer', () => {
  expectGolden(golden('status-asking'), readable(slackStatus(askingFacts())));
});

test('the message of an ended rollout says how it ended', () => {
  expectGolden(golden('status-done'), readable(slackStatus(doneFacts())));
  expect(readable(slackStatus(refusedFacts()))).toContain('17 rows with a key and no hash');
});

test('an approver reads what will be deleted, how to get it back, the code, and how to use it', () => {
  expectGolden(golden('gate'), readable(slackGate({ gate: sampleGate, evidence, plan, code })));
});

test('a loss and a finding are asked for by name, with the input that accepts them', () => {
  const loss = readable(slackGate({ gate: { ...sampleGate, purpose: 'accept-loss' }, evidence, plan, code }));
  expect(loss).toContain('"acceptLoss": true');
  expect(loss).toContain('--accept-loss');
  const finding = readable(slackGate({ gate: { ...sampleGate, purpose: 'accept' }, evidence, plan, code }));
  expect(finding).toContain('"choice": "accept"');
  expect(finding).toContain('rubicon answer agent-api/drop-plaintext-api-keys/2026-11 accept');
});

test('the code is in no notification and in no reminder', () => {
  expect(slackGate({ gate: sampleGate, evidence, plan, code }).text).not.toContain(code);
  expect(JSON.stringify(slackReminder({ gate: sampleGate, missing: oneMore, link: undefined }))).not.toContain(code);
});

test('a reminder says what is missing, until when', () => {
  const reminder = readable(slackReminder({ gate: sampleGate, missing: oneMore, link: undefined }));
  expect(reminder).toContain('Still missing: 1 approval from role "approver", until 2026-11-25 09:20:00 UTC');
});

test('a line for a thread makes no mentions and no formatting of its own', () => {
  expect(readable(slackAnnouncement('Production changes in 15 minutes: <be ready> & *calm*'))).toContain(
    '&lt;be ready&gt; &amp; ∗calm∗',
  );
});

test('a workflow id that a shell would take apart is quoted', () => {
  const gate = { ...sampleGate, workflowId: shellQuote };
  expect(readable(slackGate({ gate, evidence, plan, code }))).toContain(`rubicon approve 'a'\\''b c'`);
});

test('whatever stands in the texts, Slack takes the message and reads no marks, mentions or links in it', () => {
  const many = Array.from({ length: 100 }, () => hostileText);
  const gate = { ...sampleGate, name: hostileText, target: hostileText, workflowId: hostileText, requesters: many };
  const part = { name: hostileText, replacedBy: hostileText };
  const accepted = many.map(() => ({ gate: hostileText, by: hostileText, reason: hostileText, about: many }));
  const hostileEvidence: RolloutEvidence = {
    ...keysEvidence,
    change: { kind: 'column', savedBy: 'replacement', removes: many.map(() => part) },
    proof: { ...keysEvidence.proof, notCovered: many },
    accepted,
  };
  const messages = [
    slackStatus(hostileFacts()),
    slackStatus({ ...hostileFacts(), outcome: 'aborted' }),
    slackGate({
      gate,
      evidence: { ...hostileEvidence, reason: hostileText, link: hostileText },
      plan: { name: hostileText, does: hostileText },
      code,
    }),
    slackReminder({ gate, missing: many.map((role) => ({ role, count: 1 })), link: hostileText }),
    slackAnnouncement(hostileText),
  ];
  for (const message of messages) {
    expect(takenBySlack(message)).toBe(true);
    const formatted = message.blocks.filter(({ type }) => type !== 'header');
    const harmful = /<!channel|<@U1|<script|\\u0000|\u202e/;
    expect(harmful.exec(JSON.stringify([message.text, formatted]))?.[0]).toBeUndefined();
    expect(message.text.length).toBeLessThan(4_000);
  }
});

test.each([
  ['*bold* and _it_ and ~gone~', '∗bold∗ and ˍitˍ and ∼gone∼'],
  ['sessions.owner_api_key', 'sessions.owner_api_key'],
  ['`code` ```block```', 'ˋcodeˋ ˋˋˋblockˋˋˋ'],
  ['<https://evil.example|ok> & <!here>', '&lt;https://evil.example|ok&gt; &amp; &lt;!here&gt;'],
])('Slack shows %j literally', (text, mrkdwn) => {
  expect(escapeMrkdwn(text)).toBe(mrkdwn);
});

test('what is no web address becomes no link', () => {
  expect(mrkdwnLink('javascript:alert(1)', 'open')).toBe('open');
  expect(mrkdwnLink('https://ui/a|b', 'open')).toBe('open');
});

test('nobody reads a used code of somebody else', () => {
  expect(JSON.stringify(slackStatus(doneFacts()))).not.toContain(usedCode);
});
