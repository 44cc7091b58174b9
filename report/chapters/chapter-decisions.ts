import type { Facts } from '../../contract/run/facts';
import { readableInstant } from '../../contract/text/instant';
import { codeSpan, escapeMarkdown } from '../../contract/text/markdown-text';
import { chapter, table } from '../markdown-table';

/** Who decided what, when, on which evidence. Codes are in no report. */
export function decisionsChapter({ decisions, gates }: Facts): string {
  const decided = decisions.map(({ gate, at, by, decision, reason, about = [] }) => [
    readableInstant(at),
    escapeMarkdown(gate, 100),
    `**${escapeMarkdown(decision, 40)}**`,
    by === 'claimed' ? 'someone who could not prove their identity' : escapeMarkdown(by, 100),
    escapeMarkdown([reason ?? '', ...about.map((line) => `despite ${line}`)].join('; ')),
  ]);
  const opened = gates.map((gate) => [
    escapeMarkdown(gate.name, 100),
    `${readableInstant(gate.openedAt)} to ${readableInstant(gate.expiresAt)}`,
    Object.entries(gate.needs)
      .map(([role, count]) => `${count} of ${escapeMarkdown(role, 40)}`)
      .join(', '),
    escapeMarkdown(gate.told.join(', ')),
    escapeMarkdown(gate.notTold.map(({ person, because }) => `${person}: ${because}`).join('; ')),
    codeSpan(gate.evidenceDigest),
  ]);
  return chapter(
    'Decisions',
    decided.length === 0 ? 'No one was asked to decide, or no one did.' : '',
    table(['at', 'gate', 'decision', 'by', 'reason'], decided),
    table(['gate', 'open', 'needed', 'notified', 'not notified', 'digest of the evidence shown'], opened),
  );
}

/** When it stood still, and why. */
export const holdsChapter = ({ holds = [] }: Facts): string =>
  chapter(
    'Holds',
    table(
      ['from', 'to', 'because'],
      holds.map(({ since, until, reason }) => [readableInstant(since), readableInstant(until), escapeMarkdown(reason)]),
    ),
  );

/** Messages that changed nothing: late, wrong, repeated, or by nobody who may. */
export function refusedChapter({ messages }: Facts): string {
  const refused = messages.filter(({ accepted }) => !accepted);
  return chapter(
    'Messages refused',
    table(
      ['at', 'signal', 'because'],
      refused.map(({ kind, at, because }) => [readableInstant(at), escapeMarkdown(kind, 40), escapeMarkdown(because)]),
    ),
  );
}
