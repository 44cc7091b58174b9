import type { Question } from '../../contract/run/waiting';
import { codeSpan, escapeMarkdown } from '../../contract/text/markdown-text';
import { oneLine } from '../../contract/text/plain-text';

/** A question as on-call must read it; its title stands above, the possible answers follow as signals to paste. */
export function questionDetails(
  question: Question,
  { lines, characters }: { lines: number; characters: number },
): string {
  const text = (value: string): string => escapeMarkdown(value, characters);
  const { because, state, loss, recommended, ifNobodyAnswers, undo } = question;
  // Not as a block: the column is narrow, and what stands beyond its edge could not be read.
  const sql = undo === undefined ? [] : undo.length <= characters * 10 ? undo.split('\n') : [oneLine(undo, characters)];
  return [
    [
      ...because.slice(0, lines).map((line) => `• ${text(line)}`),
      `State: ${text(state)}`,
      `Loss: ${text(loss)}`,
      `Recommended answer: **${text(recommended)}**`,
      `If no one answers: ${text(ifNobodyAnswers)}`,
    ].join('\n'),
    ...(sql.length === 0 ? [] : [['Undo by hand:', ...sql.map((line) => codeSpan(line, line.length))].join('\n')]),
  ].join('\n\n');
}
