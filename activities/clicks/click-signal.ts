import { sentAs } from '../../contract/run/decisions';
import { readMessage, type MessageKind } from '../../contract/run/messages';
import { buttonSends } from '../../contract/run/slack-button';
import type { Click } from '../../contract/run/slack-click';
import type { ClickedGate } from './clicked-gate';
import type { Refused } from './click-deps';

/** What is sent to the run: just what a person would type. */
export interface ClickSignal {
  signal: MessageKind;
  input: { code?: string; reason?: string; [field: string]: unknown };
}

/**
 * The signal of a click. What counts only with a code gets it; what needs none says in its reason who it was, since a run records that
 * as claimed. Pure.
 */
export function clickSignal(click: Click, person: string, gate: ClickedGate): ClickSignal | Refused {
  const { signal, ...choice } = buttonSends[click.action];
  const input = { ...choice, ...restOf(click, person, gate) };
  const read = readMessage(signal, input);
  return 'refused' in read
    ? { refused: `expected something that a run takes, found: ${read.refused}` }
    : { signal, input };
}

function restOf({ action, reason = '' }: Click, person: string, clicked: ClickedGate): ClickSignal['input'] {
  switch (action) {
    case 'approve':
      return { code: clicked.code, ...sentAs[clicked.gate.purpose].input };
    case 'reject':
      return { reason, code: clicked.rejection };
    case 'answer-accept':
      return { reason, code: clicked.code };
    case 'hold':
    case 'abort':
    case 'answer-abort':
    case 'answer-rollback':
      return { reason: `${reason} (${person}, in Slack)` };
    case 'answer-retry':
      return { reason: `${person}, in Slack` };
  }
}
