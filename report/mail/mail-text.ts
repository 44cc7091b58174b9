import type { RunEvent } from '../../contract/run/run-event';
import { oneLine } from '../../contract/text/plain-text';

/** A mail without its addresses. */
export interface MailText {
  subject: string;
  text: string;
}

/** Paragraphs as a mail to one person: greeting, what there is to know, where it stands, and why they get it. */
export function mailText(
  { person, subject, why }: { person: string; subject: string; why: string },
  paragraphs: readonly (readonly string[])[],
): MailText {
  const blocks = [[`Hello ${person},`], ...paragraphs.filter((lines) => lines.length > 0), ['-- ', why]];
  return { subject: oneLine(subject, 150), text: `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n` };
}

/** The link to the run, or the name by which it is found. */
export const whereLines = ({ run, link }: Pick<RunEvent, 'run' | 'link'>): string[] => [
  `Run: ${run.workflowId}`,
  ...(link === undefined ? [] : [`Temporal UI: ${link}`]),
];
