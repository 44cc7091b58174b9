import { sentAs } from '../../contract/run/decisions';
import type { Gate, Purpose } from '../../contract/run/decisions';
import { mrkdwnCode, mrkdwnCodeBlock, mrkdwnLink } from './mrkdwn';
import { shellWord } from '../shell-word';
import { section } from './slack-message';
import type { SlackBlock } from './slack-message';

/** How one person's vote reaches the run. */
export interface GateCode {
  /** Of the one person that this message goes to; absent = it is in what is sealed for them. */
  code?: string;
  /** Their code that only rejects: in a history it can't be used for a vote. Absent = they reject without one. */
  rejection?: string;
  /** What is sealed for this person: a file on the worker of production. */
  sealed?: { file: string; sha256: string };
}

/** Of the block that holds the code and nothing else that is written so: whoever looks for a code need not read English. */
export const codeBlockId = 'rubicon-code';

/** What is done by the code, after "To …". */
const to: Record<Purpose, string> = {
  approve: 'approve',
  'accept-loss': 'approve, and accept the loss',
  accept: 'accept',
  receive: 'confirm that you can read it',
  'hand-over': 'confirm it',
};

/** A code that is sealed shows that its sender can open what was sealed. */
export function codeSections({ code, sealed }: GateCode): SlackBlock[] {
  if (code !== undefined) {
    const text = '*Your code.* Personal: one vote, for this request only. Do not share it.';
    return [{ ...section(`${text}\n${mrkdwnCodeBlock(code)}`), block_id: codeBlockId }];
  }
  if (sealed === undefined) return [];
  const open = `age --decrypt --identity <your identity> ${shellWord(sealed.file.split('/').at(-1) ?? '')}`;
  return [
    section(
      `*Your file* is on the production worker, sealed to your recipient; ask its operators for it:\n` +
        `${mrkdwnCodeBlock(`${sealed.file}\nsha256 ${sealed.sha256}`)}`,
    ),
    section(
      `*Open it* on your own machine, and leave no decrypted copy. Your code is in its first lines:\n${mrkdwnCodeBlock(open)}`,
    ),
  ];
}

/** How to answer: in Temporal UI, and in a terminal. `link`: of the run; undefined = the settings name no UI. */
export function decideSections(
  gate: Gate,
  link: string | undefined,
  { code = codeOfFile, rejection }: GateCode,
): SlackBlock[] {
  const { signal, input } = sentAs[gate.purpose];
  const open = mrkdwnLink(link, 'Open the run in Temporal UI');
  return [
    section(
      `*To ${to[gate.purpose]}:* ${open} → More Actions → Send a Signal → ${mrkdwnCode(signal)} → ` +
        `paste this as Input → Submit:\n${json({ ...input, code })}`,
    ),
    section(`Or in a terminal, which then asks for the code:\n${mrkdwnCodeBlock(command(gate))}`),
    section(
      gate.purpose === 'accept'
        ? `*To decline:* do nothing, or send ${mrkdwnCode('answer')} with another choice, which needs no code.`
        : `*To reject:* the same way, signal ${mrkdwnCode('reject')}, with a reason. It takes effect at once` +
            (rejection === undefined
              ? `:\n${json({ reason: '…' })}`
              : ` (its code only rejects; without one it is recorded as claimed):\n${json({ reason: '…', code: rejection })}`),
    ),
  ];
}

const codeOfFile = 'the code of that file';
const json = (value: object): string => mrkdwnCodeBlock(JSON.stringify(value, null, 2));

function command({ purpose, workflowId }: Gate): string {
  const run = shellWord(workflowId);
  if (purpose === 'accept') return `npx rubicon answer ${run} accept --reason "…"`;
  return `npx rubicon approve ${run}${purpose === 'accept-loss' ? ' --accept-loss' : ''}`;
}
