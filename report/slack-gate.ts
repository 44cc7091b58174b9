import type { Gate, OpenGate, Purpose } from '../contract/decisions';
import { readableInstant } from '../contract/instant';
import { oneLine } from '../contract/plain-text';
import type { GateEvidence, GatePlan } from '../contract/steps';
import { escapeMrkdwn, mrkdwnCode, mrkdwnCodeBlock, mrkdwnLink } from './mrkdwn';
import { context, fitting, header, listSection, section } from './slack-message';
import type { SlackBlock, SlackMessage } from './slack-message';
import { shellWord } from './shell-word';

export interface GateMessage {
  gate: Gate;
  evidence: GateEvidence;
  plan: GatePlan;
  /** Of the one person that this message goes to. */
  code: string;
}

interface Kind {
  title: string;
  dies: string;
  seen: string;
  signal: string;
  input: object;
  word: string;
}

/** What differs between a vote for an approval, for a loss, and for going on in spite of a finding. */
const kinds: Record<Purpose, Kind> = {
  approve: {
    title: 'Your approval is asked:',
    dies: 'What dies',
    seen: 'What was seen',
    signal: 'approve',
    input: {},
    word: 'approve',
  },
  'accept-loss': {
    title: 'Your approval of a loss is asked:',
    dies: 'What is lost',
    seen: 'What was seen',
    signal: 'approve',
    input: { acceptLoss: true },
    word: 'approve',
  },
  accept: {
    title: 'Go on in spite of a finding?',
    dies: 'What the rollout removes',
    seen: 'What did not succeed',
    signal: 'answer',
    input: { choice: 'accept', reason: 'why it is harmless' },
    word: 'answer',
  },
};

/**
 * The direct message of a gate: everything that one approver needs to decide, and the code that is worth their vote.
 * The notification text holds no code: it is shown on locked screens.
 */
export function slackGate({ gate, evidence, plan, code }: GateMessage): SlackMessage {
  const { title, dies, seen } = kinds[gate.purpose];
  const what = `${oneLine(gate.target, 40)}: ${oneLine(plan.name, 70)}`;
  const bold = (name: string, text: string, characters: number): string =>
    `*${name}:* ${escapeMrkdwn(text, characters)}`;
  const lines = (texts: readonly string[], characters: number): string[] =>
    texts.map((text) => `• ${escapeMrkdwn(text, characters)}`);
  return {
    text: escapeMrkdwn(`${title} ${what} (${gate.name}), until ${readableInstant(gate.expiresAt)}`, 300),
    blocks: fitting((characters) => [
      header(`${title} ${what}`),
      section(
        [
          escapeMrkdwn(plan.does),
          bold('Gate', gate.name, characters),
          bold('Requested by', gate.requesters.join(', '), characters),
          ...(evidence.reason === undefined ? [] : [bold('Reason', evidence.reason, characters)]),
        ].join('\n'),
      ),
      ...(gate.purpose === 'accept' ? listSection(`*${seen}*`, lines(evidence.seen, characters)) : []),
      ...listSection(`*${dies}*`, lines(evidence.dies, characters)),
      section(
        [
          // What is accepted happens by the answer; when something dies is another gate's matter.
          ...(gate.purpose === 'accept' ? [] : [bold('When', evidence.when, characters)]),
          bold('Way back', evidence.wayBack, characters),
        ].join('\n'),
      ),
      ...(gate.purpose === 'accept' ? [] : listSection(`*${seen}*`, lines(evidence.seen, characters))),
      ...listSection('*Accepted in spite of a finding*', lines(evidence.accepted, characters)),
      ...howToDecide(gate, evidence, code),
      context(
        `Needs ${needsOf(gate.needs)}. Expires ${readableInstant(gate.expiresAt)}: after that the code is worth nothing.`,
        `Plan ${mrkdwnCode(gate.planDigest.slice(0, 12))}  evidence ${mrkdwnCode(gate.evidenceDigest.slice(0, 12))}`,
      ),
    ]),
  };
}

function howToDecide(gate: Gate, { link }: GateEvidence, code: string): SlackBlock[] {
  const { signal, input, word } = kinds[gate.purpose];
  const json = (value: object): string => mrkdwnCodeBlock(JSON.stringify(value, null, 2));
  const open = mrkdwnLink(link, 'Open the run in Temporal UI');
  const accepting = gate.purpose === 'accept';
  const terminal = `rubicon ${word} ${shellWord(gate.workflowId)}${accepting ? ' accept --reason "…"' : lossOption(gate)}`;
  return [
    section(
      `*Your code*, for you alone: one vote, for this opening only. Pass it on to nobody.\n${mrkdwnCodeBlock(code)}`,
    ),
    section(
      `*To ${accepting ? 'accept' : 'approve'}:* ${open} → More Actions → Send a Signal → ${mrkdwnCode(signal)} → ` +
        `paste this as Input → Submit:\n${json({ ...input, code })}`,
    ),
    section(`In a terminal, which then asks for the code:\n${mrkdwnCodeBlock(terminal)}`),
    section(
      accepting
        ? `*Not to accept:* do nothing; or send ${mrkdwnCode('answer')} with another choice, which needs no code.`
        : `*To reject:* the same way, signal ${mrkdwnCode('reject')}, with a reason; it ends this at once ` +
            `(without the code it counts too, but nobody knows whose it is):\n${json({ reason: '…', code })}`,
    ),
  ];
}

const lossOption = ({ purpose }: Gate): string => (purpose === 'accept-loss' ? ' --accept-loss' : '');

const needsOf = (needs: Record<string, number>): string =>
  Object.entries(needs)
    .map(([role, count]) => `${count} with the role ${escapeMrkdwn(role, 40)}`)
    .join(', ') || 'nobody';

/** To those who have not voted; without a code, which is in the first message. */
export function slackReminder({ gate, missing }: { gate: OpenGate; missing: readonly string[] }): SlackMessage {
  const what = `${oneLine(gate.target, 40)}: ${oneLine(gate.name, 80)}`;
  const text = `Still waiting for your decision: ${what}`;
  const lacks = missing
    .slice(0, 10)
    .map((line) => escapeMrkdwn(line, 60))
    .join(', ');
  return {
    text: escapeMrkdwn(text, 300),
    blocks: [
      section(
        `*${escapeMrkdwn(text, 300)}*\n${lacks} needed until ${readableInstant(gate.expiresAt)}. ` +
          'Your code and how to use it are in the message above. Rejecting needs no code.',
      ),
    ],
  };
}
