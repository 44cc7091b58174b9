import type { StepRecord } from '../contract/facts';
import { readableSpan } from '../contract/instant';
import { escapeMarkdown } from '../contract/markdown-text';

/** Without colour, since Temporal UI has no font for emoji on some machines. */
const marks: Record<StepRecord['state'], string> = { running: '●', done: '✓', failed: '⚠', asking: '⚠', skipped: '○' };

/** Temporal UI gives cells no padding. */
const space = '\u2003';

/** The steps so far as a Markdown table; with too many, the latest. */
export function stepTable(
  steps: readonly StepRecord[],
  asOf: string,
  { steps: most, characters }: { steps: number; characters: number },
): string {
  if (steps.length === 0) return '';
  const row = (step: StepRecord): string => {
    const tries = step.tries > 1 ? ` (${step.tries} tries)` : '';
    const took = readableSpan(step.startedAt, step.endedAt ?? asOf);
    const name = escapeMarkdown(step.name, characters);
    const note = escapeMarkdown(step.note ?? '', characters);
    return `| ${marks[step.state]}${space}| ${name}${space}| ${took}${tries}${space}| ${note} |`;
  };
  const left = steps.length - most;
  const before = left > 0 ? [`| …${space}| ${left} earlier steps${space}| | |`] : [];
  return [`| |step|took|result|`, '|---|---|---|---|', ...before, ...steps.slice(-most).map(row)].join('\n');
}
