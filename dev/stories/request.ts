import { challengeOfKey, sentAs } from '../../contract/run/decisions';
import type { OpenGate } from '../../contract/run/decisions';
import type { Facts } from '../../contract/run/facts';
import { codeBlockId } from '../../report/slack/slack-decide';
import type { LocalMessage } from '../local-slack/local-slack';

/** What a direct message alone holds: a code, and of which opening of which gate. Everything else its run says. */
export interface Received {
  challenge: string;
  code: string;
}

/** What a person may send for an open gate. */
export interface Request {
  workflowId: string;
  signal: 'approve' | 'answer';
  /** With the code. */
  input: object;
  code: string;
  /** Whose code it is; a name of the settings. */
  to: string;
}

/** By its block and its metadata, not by what stands there in English. Undefined if it has no code, e.g. a reminder. */
export function readCode({ blocks, metadata }: Pick<LocalMessage, 'blocks' | 'metadata'>): Received | undefined {
  const challenge = challengeOfKey(keyOf(metadata));
  const block = blocks.find(({ block_id: id }) => id === codeBlockId);
  const code = /```\s*(\S+)\s*```/.exec(textOf(block?.['text']))?.[1];
  return challenge === undefined || code === undefined ? undefined : { challenge, code };
}

/** The gate that a code is for, if this run has opened it. */
export const gateOf = (facts: Facts, { challenge }: Received): OpenGate | undefined =>
  facts.gates.find((gate) => gate.challenge === challenge);

export function requestOf({ workflowId, purpose }: OpenGate, code: string, to: string): Request {
  const { signal, input } = sentAs[purpose];
  return { workflowId, signal, input: { ...input, code }, code, to };
}

const keyOf = (metadata: unknown): string => {
  const { event_payload: payload } = (metadata ?? {}) as { event_payload?: { key?: unknown } };
  return typeof payload?.key === 'string' ? payload.key : '';
};

const textOf = (text: unknown): string =>
  typeof text === 'object' && text !== null && 'text' in text && typeof text.text === 'string' ? text.text : '';
