import type { StepRecord } from '../contract/facts';
import { readableSpan } from '../contract/instant';
import { escapeMarkdown } from '../contract/markdown-text';

/** Without colour, since Temporal UI has no font for emoji on some machines. */
const marks: Record<StepRecord['state'], string> = { running: '●', done: '✓', failed: '⚠', asking: '⚠', skipped: '○' };

/** Temporal UI gives cells no padding. */
const space = '\u2003';

/** In its narrow column it would break "3.2 s" into two lines. */
const unbroken = (text: string): string => (text.length <= 32 ? text.replaceAll(' ', '\u00a0') : text);

/** The steps so far as a Markdown table; with too many, the latest. */
export function stepTable(
  steps: readonly StepRecord[],
  asOf: string,
  { steps: most, characters }: { steps: number; characters: number },
): string {
  if (steps.length === 0) return '';
  const row = (step: StepRecord): string => {
    const tries = step.tries > 1 ? `, ${unbroken(`${step.tries} tries`)}` : '';
    const took = unbroken(readableSpan(step.startedAt, step.endedAt ?? asOf));
    const name = unbroken(escapeMarkdown(step.name, characters));
    const note = escapeMarkdown(step.note ?? '', characters);
    return `| ${marks[step.state]}${space}| ${name}${space}| ${took}${tries}${space}| ${note} |`;
  };
  const left = steps.length - most;
  const before = left > 0 ? [`| …${space}| ${left} earlier steps${space}| | |`] : [];
  return [`| |step|took|result|`, '|---|---|---|---|', ...before, ...steps.slice(-most).map(row)].join('\n');
}
