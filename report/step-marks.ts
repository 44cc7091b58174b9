import type { StepRecord } from '../contract/run/facts';

/** Signs that every font has; the same in terminal, Slack and report. */
export const stepMarks: Record<StepRecord['state'], string> = {
  running: '●',
  done: '✓',
  failed: '⚠',
  asking: '⚠',
  skipped: '○',
};

type Marked = { [Field in 'outcome' | 'question' | 'held']?: unknown };

/** One sign for the whole run. */
export function stateMark({ outcome, question, held }: Marked): string {
  if (outcome !== undefined) return outcome === 'done' ? '✓' : '○';
  return question !== undefined || held !== undefined ? '⚠' : '●';
}
