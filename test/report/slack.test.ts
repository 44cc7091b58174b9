import { join } from 'node:path';
import { checkBlocks, parseBlocks } from '../../dev/local-slack/blocks';
import { escapeMrkdwn, mrkdwnLink } from '../../report/slack/mrkdwn';
import { slackAnnouncement } from '../../report/slack/slack-announcement';
import { buttonsBlockId } from '../../report/slack/slack-buttons';
import { slackClick, type ClickState } from '../../report/slack/slack-click';
import { slackDialog } from '../../report/slack/slack-dialog';
import { slackGate } from '../../report/slack/slack-gate';
import type { SlackMessage } from '../../report/slack/slack-message';
import { slackReminder } from '../../report/slack/slack-reminder';
import { slackStatus } from '../../report/slack/slack-status';
import type { Purpose } from '../../contract/run/decisions';
import type { GateEvidence, RolloutEvidence } from '../../contract/run/gate-evidence';
import type { Situation } from '../../contract/run/situation';
import { buttonActions, needsReason, readButtonValue } from '../../contract/run/slack-button';
import { keysEvidence } from '../support/looks/evidence';
import {
  askingFacts,
  doneFacts,
  hostileFacts,
  hostileText,
  refusedFacts,
  sampleGate,
  sampleRun,
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

test('where clicks are heard, the buttons stand after the text, each with what it does', () => {
  expectGolden(
    golden('gate-buttons'),
    readable(slackGate({ gate: sampleGate, evidence, plan, code, hasButtons: true })),
  );
});

const buttonsOf = (purpose: Purpose, about = evidence as GateEvidence): Button[] =>
  slackGate({ gate: { ...sampleGate, purpose }, evidence: about, plan, code, hasButtons: true }).blocks.flatMap(
    ({ block_id: id, elements }) => (id === buttonsBlockId ? (elements as Button[]) : []),
  );
interface Button {
  text: { text: string };
  value: string;
  confirm?: { text: { text: string } };
}

test.each<[Purpose, string[]]>([
  ['approve', ['Approve', 'Reject…', 'Hold…', 'Abort…']],
  ['accept-loss', ['Approve and accept the loss', 'Reject…', 'Hold…', 'Abort…']],
  ['receive', ['Hold…', 'Abort…']], // whoever clicks has not shown that they can open the file
  ['hand-over', ['Confirm', 'Hold…']],
])('the buttons of a request to %s', (purpose, labels) => {
  const buttons = buttonsOf(purpose);
  expect(buttons.map(({ text }) => text.text)).toEqual(labels);
  for (const { text, value, confirm } of buttons) {
    expect(text.text.endsWith('…')).toBe(confirm === undefined); // it asks why, or whether
    expect(readButtonValue(value)).toEqual({ ...sampleRun, gate: 'production', challenge: sampleGate.challenge });
    expect(value).not.toContain(code);
  }
});

test('a question has a button for each answer that it offers', () => {
  const situation: Situation = {
    ...{ kind: 'rollout', target: 'agent-api', pastTheDrop: true, data: 'dropped', maintenance: [], hasDoubts: false },
    choices: ['retry', 'accept', 'rollback'],
  };
  const about: GateEvidence = { about: 'question', change: evidence.change, step: 'monitor', because: [], situation };
  expect(buttonsOf('accept', about).map(({ text }) => text.text)).toEqual(['Retry', 'Accept…', 'Roll back…', 'Hold…']);
});

test('a run whose name is too long for a button has none', () => {
  const gate = { ...sampleGate, workflowId: '"'.repeat(1_000) };
  expect(slackGate({ gate, evidence, plan, code, hasButtons: true }).blocks.map(({ type }) => type)).not.toContain(
    'actions',
  );
});

test('only the answer of the run says that a click has counted', () => {
  const states: ClickState[] = [
    { is: 'on its way' },
    { is: 'waiting', because: 'Temporal does not answer' },
    { is: 'delivered' },
    { is: 'given up', because: 'the worker stopped' },
    { is: 'refused', because: 'too late' },
  ];
  for (const state of states) {
    const { text } = slackClick('approve', state);
    expect(text).toMatch(/not counted yet|not answered yet|does not count|not known to have counted/);
    expect(text).not.toContain('✓');
  }
  expect(slackClick('approve', { is: 'counted', because: 'counted; approved' }).text).toBe(
    '✓ *Approve*: counted; approved',
  );
});

test.each(buttonActions.filter(needsReason))('the dialog of "%s" is one that Slack takes', (action) => {
  const of = { ...sampleRun, target: 'a'.repeat(63), workflowId: `<!channel>${'x'.repeat(900)}`, gate: 'production' };
  const at = { channel: 'D1', ts: '1.1' };
  const click = {
    id: '1',
    action,
    of: { ...of, challenge: sampleGate.challenge },
    by: { user: 'U1', team: 'T1', app: 'A1' },
    at,
  };
  const dialog = slackDialog(click);
  expect(checkBlocks(dialog['blocks'] as unknown[], true)).toHaveProperty('blocks');
  expect(String(dialog['private_metadata']).length).toBeLessThan(3_000);
  expect(JSON.stringify(dialog['blocks'])).not.toContain('<!channel>');
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
      hasButtons: true,
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
