import type { Gate } from '../../contract/run/decisions';
import type { GateEvidence } from '../../contract/run/gate-evidence';
import { actionId, buttonsFor, buttonValue, needsReason, type ButtonAction } from '../../contract/run/slack-button';
import { readableInstant } from '../../contract/text/instant';
import { oneLine } from '../../contract/text/plain-text';
import { choiceText } from '../run/question-text';
import { context } from './slack-message';
import type { SlackBlock } from './slack-message';

/** Of the block that has the buttons of a request: whoever changes the message when it is closed leaves this one out. */
export const buttonsBlockId = 'rubicon-buttons';

/**
 * The buttons of a request, and what each of them does. Empty where its code is in a sealed file, or its name is too long for a
 * button; then the code is typed.
 */
export function buttonBlocks(gate: Gate, evidence: GateEvidence): SlackBlock[] {
  const value = buttonValue({ ...gate, gate: gate.name });
  if (value === undefined) return [];
  const actions = actionsOf(gate, evidence);
  return [
    { type: 'actions', block_id: buttonsBlockId, elements: actions.map((action) => button(action, value, gate)) },
    context(actions.map((action) => `*${labelOf(action, gate)}*: ${effectOf(action, gate)}`).join('  ·  ')),
  ];
}

/** A question is answered by what it offers. */
const actionsOf = ({ purpose }: Pick<Gate, 'purpose'>, evidence: GateEvidence): readonly ButtonAction[] =>
  evidence.about === 'question'
    ? [...evidence.situation.choices.map((choice) => `answer-${choice}` as const), ...buttonsFor[purpose]]
    : buttonsFor[purpose];

const button = (action: ButtonAction, value: string, gate: Gate) => ({
  type: 'button',
  action_id: actionId(action),
  text: plain(`${labelOf(action, gate)}${needsReason(action) ? '…' : ''}`),
  value,
  ...styleOf(action),
  ...(!needsReason(action) && { confirm: confirmation(action, gate) }),
});

/** What is asked before a click counts that asks for no reason. */
const confirmation = (action: ButtonAction, gate: Gate) => ({
  title: plain(`${labelOf(action, gate)}?`),
  text: plain(
    `${oneLine(gate.target, 60)}: ${effectOf(action, gate)}.` +
      (action === 'approve'
        ? ` It is your vote for this request alone, until ${readableInstant(gate.expiresAt)}.`
        : ''),
  ),
  confirm: plain(labelOf(action, gate).slice(0, 30)),
  deny: plain('Not now'),
});

const labels: Record<ButtonAction, string> = {
  approve: 'Approve',
  reject: 'Reject',
  hold: 'Hold',
  abort: 'Abort',
  'answer-retry': 'Retry',
  'answer-accept': 'Accept',
  'answer-abort': 'Abort',
  'answer-rollback': 'Roll back',
};

/** On the button, and in what is said of a click. */
export const labelOf = (action: ButtonAction, { purpose }: Pick<Gate, 'purpose'>): string => {
  if (action !== 'approve') return labels[action];
  if (purpose === 'accept-loss') return 'Approve and accept the loss';
  return purpose === 'hand-over' ? 'Confirm' : labels.approve;
};

const effects: Record<ButtonAction, string> = {
  approve: 'one vote, yours',
  reject: 'ends the run at once, whoever has approved',
  hold: 'stops at the next safe point until someone resumes it',
  abort: 'before the point of no return: undoes everything and ends',
  'answer-retry': choiceText('retry'),
  'answer-accept': 'continue despite it; your reason is kept',
  'answer-abort': choiceText('abort'),
  'answer-rollback': choiceText('rollback'),
};

const effectOf = (action: ButtonAction, { purpose }: Pick<Gate, 'purpose'>): string =>
  action === 'approve' && purpose === 'hand-over' ? 'every client has its new key' : effects[action];

const styleOf = (action: ButtonAction) => {
  if (action === 'approve' || action === 'answer-accept') return { style: 'primary' };
  return action === 'reject' || action === 'answer-rollback' ? { style: 'danger' } : {};
};

const plain = (text: string) => ({ type: 'plain_text', text: oneLine(text, 300), emoji: false });
