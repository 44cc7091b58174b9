import {
  allHandlersFinished,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
  upsertMemo,
} from '@temporalio/workflow';
import { messageKinds } from '../../../contract/run/messages';
import { parseRolloutOrder } from '../../../contract/run/inputs';
import type { Facts } from '../../../contract/run/facts';
import { doneFacts, waitingFacts } from '../looks/facts';

/**
 * A stand-in for rollouts and rollbacks with their handlers and none of their steps, for tests of the client: it waits
 * for an approval, and does nothing with the other messages but count them.
 */
export async function rollout(input: unknown): Promise<object> {
  const order = parseRolloutOrder(input);
  const facts: Facts = waitingFacts({ order });
  let code: string | undefined;
  let ended: string | undefined;
  const take = (kind: string, message: unknown) => {
    const accepted = kind !== 'approve' || codeOf(message) === 'RIGHT';
    facts.messages.push({ kind, at: facts.startedAt, accepted, because: accepted ? `took ${kind}` : 'wrong code' });
    if (kind === 'approve' && accepted) code = codeOf(message);
    if (kind === 'abort') ended = 'aborted';
    return { accepted, because: facts.messages.at(-1)?.because ?? '' };
  };
  for (const kind of messageKinds) setHandler(defineSignal<[unknown]>(kind), (message) => void take(kind, message));
  setHandler(defineUpdate<object, [{ signal: string }]>('decide'), async ({ signal, ...message }) => {
    if (signal === 'hold') {
      facts.held = { since: facts.startedAt, reason: 'an answer that takes its time' };
      await condition(() => ended !== undefined);
    }
    return take(signal, message);
  });
  setHandler(defineQuery<Facts>('status'), () => facts);
  setHandler(defineQuery<string>('why'), () => 'Waits: for the test');
  upsertMemo({ why: 'Waits: says the memo' });
  await condition(() => code !== undefined || ended !== undefined);
  Object.assign(facts, ended === undefined ? { ...doneFacts(), order } : { outcome: ended, because: 'not today' });
  delete facts.waiting;
  await condition(allHandlersFinished);
  return { outcome: facts.outcome, because: facts.because, report: '/reports/one.md' };
}

export const rollback = rollout;

export async function aftercare(): Promise<void> {
  await condition(() => false);
}

const codeOf = (message: unknown): string | undefined => (message as { code?: string } | undefined)?.code;
