import type { StepRecord } from '../../contract/run/facts';
import { readableInstant, readableSpan } from '../../contract/text/instant';
import { escapeMarkdown } from '../../contract/text/markdown-text';

/** Without colour, since Temporal UI has no font for emoji on some machines. */
const marks: Record<StepRecord['state'], string> = { running: '●', done: '✓', failed: '⚠', asking: '⚠', skipped: '○' };

/** Temporal UI gives cells no padding. */
const space = '\u2003';

/** Its column is narrow: names in one piece, and as few columns as possible, leave most room for results. */
const unbroken = (text: string): string => (text.length <= 32 ? text.replaceAll(' ', '\u00a0') : text);

/** The steps so far as a Markdown table; with too many, the latest. */
export function stepTable(
  steps: readonly StepRecord[],
  { steps: most, characters }: { steps: number; characters: number },
): string {
  if (steps.length === 0) return '';
  const row = (step: StepRecord): string => {
    const name = unbroken(escapeMarkdown(`${marks[step.state]} ${step.name}`, characters));
    const { note } = step;
    const result = note === undefined ? timeOf(step) : `${escapeMarkdown(note, characters)} (${timeOf(step)})`;
    return `| ${name}${space}| ${result} |`;
  };
  const left = steps.length - most;
  const before = left > 0 ? [`| … ${left} earlier steps${space}| |`] : [];
  return ['|step|result|', '|---|---|', ...before, ...steps.slice(-most).map(row)].join('\n');
}

/** How long it took, or since when it runs: what is shown does not go on by itself. */
function timeOf({ startedAt, endedAt, tries }: StepRecord): string {
  const took = endedAt === undefined ? `since ${readableInstant(startedAt)}` : readableSpan(startedAt, endedAt);
  return unbroken(tries > 1 ? `${took}, ${tries} tries` : took);
}
