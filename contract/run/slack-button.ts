import { z } from 'zod';
import type { Purpose, Run } from './decisions';
import type { Choice, MessageKind } from './messages';

/**
 * What the buttons of a direct message stand for. A button says which request it is of and nothing else: neither a code nor what is
 * decided on, so that whoever copies one has nothing.
 */

/** Named by what they send; a button's `action_id` is this with `rubicon-` before it. */
export const buttonActions = [
  'approve',
  'reject',
  'hold',
  'abort',
  'answer-retry',
  'answer-accept',
  'answer-abort',
  'answer-rollback',
] as const;
export type ButtonAction = (typeof buttonActions)[number];

/** What a button sends: the signal, and of an answer which one. */
export const buttonSends = {
  approve: { signal: 'approve' },
  reject: { signal: 'reject' },
  hold: { signal: 'hold' },
  abort: { signal: 'abort' },
  'answer-retry': { signal: 'answer', choice: 'retry' },
  'answer-accept': { signal: 'answer', choice: 'accept' },
  'answer-abort': { signal: 'answer', choice: 'abort' },
  'answer-rollback': { signal: 'answer', choice: 'rollback' },
} as const satisfies Record<ButtonAction, { signal: MessageKind; choice?: Choice }>;

/** Those that stop, take back or accept something say why; the others are confirmed, and sent at once. */
export const needsReason = (action: ButtonAction): boolean => action !== 'approve' && action !== 'answer-retry';

/**
 * By purpose, without the answers of a question. The code of `receive` is in a sealed file, to show that its reader can open it: no
 * button can stand for that. Nor does one reject it, since what it asks for is decided already.
 */
export const buttonsFor = {
  approve: ['approve', 'reject', 'hold', 'abort'],
  'accept-loss': ['approve', 'reject', 'hold', 'abort'],
  accept: ['hold'],
  receive: ['hold', 'abort'],
  'hand-over': ['approve', 'hold'],
} as const satisfies Record<Purpose, readonly ButtonAction[]>;

/** The request that a button is of. */
export interface ButtonTarget extends Run {
  /** Its name. */
  gate: string;
  challenge: string;
}

/** Slack takes no longer value of a button. */
const longestValue = 2_000;
const target = z.strictObject({
  target: z.string().min(1).max(63),
  workflowId: z.string().min(1).max(1_000),
  firstRun: z.string().min(1).max(100),
  gate: z.string().min(1).max(200),
  challenge: z.uuid(),
});

/** As a button carries it; undefined: it would be too long, so there can be no button. */
export function buttonValue({ target, workflowId, firstRun, gate, challenge }: ButtonTarget): string | undefined {
  const value = JSON.stringify({ target, workflowId, firstRun, gate, challenge });
  return value.length <= longestValue ? value : undefined;
}

/** What a button carried; undefined: nothing that one of ours carries. */
export function readButtonValue(value: string): ButtonTarget | undefined {
  if (value.length > longestValue) return undefined;
  try {
    return target.safeParse(JSON.parse(value)).data;
  } catch {
    return undefined;
  }
}

/** The `action_id` of a button, and the `callback_id` of its dialog. */
export const actionId = (action: ButtonAction): string => `rubicon-${action}`;

/** Of which action an `action_id` or a `callback_id` is. */
export const actionOfId = (id: string): ButtonAction | undefined =>
  buttonActions.find((action) => actionId(action) === id);
