import type { Gate, OpenGate, Purpose } from '../../contract/run/decisions';
import { readableInstant } from '../../contract/text/instant';
import { oneLine } from '../../contract/text/plain-text';
import type { GateEvidence, GatePlan } from '../../contract/run/gate-evidence';
import { escapeMrkdwn, mrkdwnCode, mrkdwnCodeBlock, mrkdwnLink } from './mrkdwn';
import { context, fitting, header, listSection, section } from './slack-message';
import type { SlackBlock, SlackMessage } from './slack-message';
import { shellWord } from '../shell-word';

export interface GateMessage {
  gate: Gate;
  evidence: GateEvidence;
  plan: GatePlan;
  /** Of the one person that this message goes to; absent = it is in what is sealed for them. */
  code?: string;
  /** What is sealed for this person: a file on the worker of production. */
  sealed?: { file: string; sha256: string };
}

interface Kind {
  title: string;
  dies: string;
  seen: string;
  signal: string;
  input: object;
  word: string;
  /** What is done by the code, after "To …". */
  to: string;
}

/** What differs between a vote for an approval, for a loss, for going on in spite of a finding, and two receipts. */
const kinds: Record<Purpose, Kind> = {
  approve: {
    title: 'Your approval is asked:',
    dies: 'What dies',
    seen: 'What was seen',
    signal: 'approve',
    input: {},
    word: 'approve',
    to: 'approve',
  },
  'accept-loss': {
    title: 'Your approval of a loss is asked:',
    dies: 'What is lost',
    seen: 'What was seen',
    signal: 'approve',
    input: { acceptLoss: true },
    word: 'approve',
    to: 'approve',
  },
  accept: {
    title: 'Go on in spite of a finding?',
    dies: 'What the rollout removes',
    seen: 'What did not succeed',
    signal: 'answer',
    input: { choice: 'accept', reason: 'why it is harmless' },
    word: 'answer',
    to: 'accept',
  },
  receive: {
    title: 'New keys are sealed for you:',
    dies: 'What happens next',
    seen: 'What was seen',
    signal: 'approve',
    input: {},
    word: 'approve',
    to: 'confirm that you can read it',
  },
  'hand-over': {
    title: 'Has every client its new key?',
    dies: 'What was changed',
    seen: 'What was seen',
    signal: 'approve',
    input: {},
    word: 'approve',
    to: 'confirm it',
  },
};

/**
 * The direct message of a gate: everything that one approver needs to decide, and the code that is worth their vote.
 * The notification text holds no code: it is shown on locked screens.
 */
export function slackGate({ gate, evidence, plan, code, sealed }: GateMessage): SlackMessage {
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
      ...codeSections({ code, sealed }),
      ...howToDecide(gate, evidence, code ?? 'the code of that file'),
      context(
        `Needs ${needsOf(gate.needs)}. Expires ${readableInstant(gate.expiresAt)}: after that the code is worth nothing.`,
        `Plan ${mrkdwnCode(gate.planDigest.slice(0, 12))}  evidence ${mrkdwnCode(gate.evidenceDigest.slice(0, 12))}`,
      ),
    ]),
  };
}

/** A code that is sealed shows that its sender can open what was sealed. */
function codeSections({
  code,
  sealed,
}: {
  code: string | undefined;
  sealed: GateMessage['sealed'] | undefined;
}): SlackBlock[] {
  if (code !== undefined) {
    const text = '*Your code*, for you alone: one vote, for this opening only. Pass it on to nobody.';
    return [section(`${text}\n${mrkdwnCodeBlock(code)}`)];
  }
  if (sealed === undefined) return [];
  const open = `age --decrypt --identity <your identity> ${shellWord(sealed.file.split('/').at(-1) ?? '')}`;
  return [
    section(
      `*Your file* lies on the production worker, sealed to your recipient; ask its operators for it:\n` +
        `${mrkdwnCodeBlock(`${sealed.file}\nsha256 ${sealed.sha256}`)}`,
    ),
    section(
      `*Open it* on your own machine, and leave it open nowhere. Your code is in its first lines:\n${mrkdwnCodeBlock(open)}`,
    ),
  ];
}

function howToDecide(gate: Gate, { link }: GateEvidence, code: string): SlackBlock[] {
  const { signal, input, word, to } = kinds[gate.purpose];
  const json = (value: object): string => mrkdwnCodeBlock(JSON.stringify(value, null, 2));
  const open = mrkdwnLink(link, 'Open the run in Temporal UI');
  const accepting = gate.purpose === 'accept';
  const terminal = `rubicon ${word} ${shellWord(gate.workflowId)}${accepting ? ' accept --reason "…"' : lossOption(gate)}`;
  return [
    section(
      `*To ${to}:* ${open} → More Actions → Send a Signal → ${mrkdwnCode(signal)} → ` +
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
