import { CancellationScope, condition } from '@temporalio/workflow';
import type { Message } from '../../contract/run/messages';
import { heldLine, resumedLine } from '../../report/run/announcements';
import { abort } from './point-of-no-return';
import type { Journal } from '../journal/journal';
import type { Received } from '../journal/mailbox';
import { showEverywhere } from '../journal/show';
import { startRollback } from './start-rollback';

/**
 * The one consumer of the mailbox. What steers a run takes effect here at once, in the middle of a sleep too; votes and
 * answers go to the gate or question that is open. Runs as long as the workflow and outlives its cancellation.
 */
export const dispatch = (journal: Journal): Promise<void> =>
  CancellationScope.nonCancellable(async () => {
    for (;;) {
      await condition(() => journal.mailbox.hasMessages);
      // All that are there at once: a promise for each of some thousands takes longer than Temporal lets a task take.
      for (let received = journal.mailbox.take(); received !== undefined; received = journal.mailbox.take()) {
        const { startsRollback } = deliver(journal, received);
        if (startsRollback !== undefined)
          await startRollback(journal, startsRollback, received).then(() => tell(journal));
      }
    }
  });

/** What is left at the end of a run is answered too. */
export function dismiss(journal: Journal): void {
  const because = `too late: the run has ended as ${journal.facts.outcome ?? 'ended'}`;
  for (const received of journal.mailbox.unanswered) journal.mailbox.answer(received, false, because);
}

/** @returns why a rollback is to be started, which takes a while; for all else it is done */
function deliver(journal: Journal, received: Received): { startsRollback?: string } {
  const { message } = received;
  const { mailbox, facts } = journal;
  if (facts.outcome !== undefined) {
    mailbox.answer(received, false, `too late: the run has ended as ${facts.outcome}`);
    return {};
  }
  if (journal.openRequest?.takes.has(message.kind) === true) {
    journal.openRequest.received.push(received);
    return {};
  }
  switch (message.kind) {
    case 'approve':
    case 'reject':
    case 'answer':
      mailbox.answer(received, false, nothingOpen(message, facts.waiting?.sentence));
      journal.isStale = true;
      return {};
    case 'hold':
      if (facts.held === undefined) journal.tell('run.held', heldLine(message.reason), { reason: message.reason });
      facts.held ??= { since: received.at, reason: message.reason };
      mailbox.answer(received, true, `on hold from the next safe point: ${facts.held.reason}`);
      break;
    case 'resume':
      mailbox.answer(
        received,
        facts.held !== undefined,
        facts.held === undefined ? 'refused: it is not on hold' : 'continues',
      );
      if (facts.held !== undefined) journal.tell('run.resumed', resumedLine, {});
      journal.endHold();
      break;
    case 'abort':
      if (isBeingTakenBack(journal)) mailbox.answer(received, false, goesToItsEnd);
      else if (facts.pastTheDrop)
        mailbox.answer(received, false, 'refused: past the point of no return; send rollback instead');
      else abort(journal, message.reason, received);
      break;
    case 'rollback':
      if (facts.kind === 'rollback')
        mailbox.answer(received, false, `refused: this is the rollback; ${endsBy(journal)}`);
      else if (!facts.pastTheDrop) abort(journal, message.reason, received);
      else return { startsRollback: message.reason };
      break;
  }
  tell(journal);
  return {};
}

/** Soon, here and in Slack. */
function tell(journal: Journal): void {
  journal.isStale = true;
  journal.tellSlack();
}

/**
 * Shows what messages have changed, once for all that have arrived together: rendered for each of them, some thousands would keep a
 * task busy for longer than Temporal lets it take, for ever.
 */
export const showWhatArrived = (journal: Journal): Promise<void> =>
  CancellationScope.nonCancellable(async () => {
    for (;;) {
      await condition(() => journal.isStale && !journal.mailbox.hasMessages);
      journal.isStale = false;
      showEverywhere(journal.facts);
    }
  });

const isBeingTakenBack = ({ facts }: Journal): boolean => facts.kind === 'rollback' && facts.pastTheDrop;
const goesToItsEnd =
  'refused: what was dropped is back already, and the rollback runs to its end; "hold" stops it at the next safe point, "answer" with "retry" answers its question';
const endsBy = (journal: Journal): string =>
  isBeingTakenBack(journal) ? 'it runs to its end' : 'to end it, send "abort" or "reject"';

const nothingOpen = (message: Message, waits: string | undefined): string => {
  const open = message.kind === 'answer' ? 'question' : 'gate';
  return `refused: no ${open} is open${waits === undefined ? '' : `; it waits for: ${waits}`}`;
};
