import {
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
} from '@temporalio/workflow';
import type { Facts } from '../../contract/run/facts';
import { messageKinds, readUpdate, yieldSignal } from '../../contract/run/messages';
import type { Answer, Yield } from '../../contract/run/messages';
import { signalEffect } from '../../report/run/signal-effects';
import { askToGiveUp } from './give-up';
import { hear, type Heard } from './hearing';
import type { Journal } from '../journal/journal';
import type { Mailbox } from '../journal/mailbox';

export const statusQuery = defineQuery<Facts>('status');
export const whyQuery = defineQuery<string>('why');
export const decideUpdate = defineUpdate<Answer, [unknown]>('decide');
/** For the rollout that a rollback takes over. */
export const yieldTo = defineSignal<[Yield]>(yieldSignal);

/**
 * Every message ends in the mailbox, whatever it holds: a handler that threw would block the workflow for ever.
 * Registered before the first await, so that nothing sent early is lost.
 */
export function listen(journal: Journal): void {
  const messages = messageKinds.map((kind): Heard => ({
    definition: defineSignal<[unknown]>(kind),
    description: signalEffect(kind),
    take: (input) => void take(journal, kind, input),
  }));
  const handOver: Heard = {
    definition: defineSignal<[unknown]>(yieldSignal),
    description: 'Internal: sent by the rollback workflow, with its approval.',
    take: (input) => askToGiveUp(journal, input),
  };
  const heard = journal.facts.kind === 'rollout' ? [...messages, handOver] : messages;
  hear(heard, (name, input) => void take(journal, name, input));
  setHandler(decideUpdate, (input) => decide(journal, input), {
    description: `A signal with an answer. Example: {"signal":"approve","code":"K7Q2-9XWM-4T3H-PB6D"}`,
  });
  setHandler(statusQuery, () => journal.status(), { description: 'Everything that is known, as JSON. No input.' });
  setHandler(whyQuery, () => journal.why(), {
    description: 'One sentence: what it waits for, who can end it, until when, what then. No input.',
  });
}

/** What is refused on arrival is shown in the same task: its sender looks for it there. */
function take(journal: Journal, kind: string, input: unknown): ReturnType<Mailbox['put']> {
  const received = journal.mailbox.put(kind, input);
  if (received.answer !== undefined) journal.isStale = true;
  return received;
}

/** Answers with the verdict on this very message. Not cancellable: a sender gets an answer even when the run ends. */
async function decide(journal: Journal, input: unknown): Promise<Answer> {
  const update = readUpdate(input);
  if ('refused' in update) return { accepted: false, because: update.refused };
  const received = take(journal, update.signal, update.input);
  await CancellationScope.nonCancellable(() => condition(() => received.answer !== undefined));
  return received.answer ?? { accepted: false, because: 'no verdict' };
}
