import { messageExamples } from '../../contract/run/messages';
import type { MessageKind } from '../../contract/run/messages';

const effects: Record<MessageKind, string> = {
  approve: 'One vote for the open request, with the code from your direct message.',
  reject: 'Ends the open request; a reason is required, a code is optional (without it: recorded as claimed).',
  hold: 'Stops at the next safe point, outside maintenance; soak time stops counting.',
  resume: 'Continues after a hold.',
  answer: 'Answers the open question; "accept" also needs the code from your direct message.',
  abort: 'Before the point of no return: undoes everything and ends. After it: refused, send rollback.',
  rollback: 'Before the point of no return: the same as abort. After it: starts the workflow "rollback".',
};

/** What the list of signals in Temporal UI says of one; one plain line, its example last. */
export const signalEffect = (kind: MessageKind): string =>
  `${effects[kind]} Example: ${JSON.stringify(messageExamples[kind])}`;
