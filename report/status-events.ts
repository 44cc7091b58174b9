import type { Facts } from '../contract/run/facts';
import { readableDeadline } from '../contract/text/instant';
import { oneLine } from '../contract/text/plain-text';
import { stepLine } from './status-text';

/**
 * What has changed between two looks at a run, one event a line: for logs, and wherever nothing can be drawn over.
 * `before` = undefined: everything so far.
 */
export function statusEvents(before: Facts | undefined, after: Facts, asOf: string): string[] {
  const { steps, question, waiting, held, outcome, because } = after;
  const changedSteps = steps.filter((step, index) => {
    const old = before?.steps[index];
    return old?.state !== step.state || old.note !== step.note || old.tries !== step.tries;
  });
  const isNew = (text: string | undefined, old: string | undefined): text is string =>
    text !== undefined && text !== old;
  return [
    ...changedSteps.map((step) => stepLine(step, asOf)),
    ...(isNew(held?.reason, before?.held?.reason) ? [`⚠ on hold: ${oneLine(held?.reason ?? '')}`] : []),
    ...(before?.held !== undefined && held === undefined && outcome === undefined ? ['● continues'] : []),
    ...(isNew(question?.askedAt, before?.question?.askedAt)
      ? [`⚠ asks about ${oneLine(question?.step ?? '')}; recommended: ${oneLine(question?.recommended ?? '')}`]
      : []),
    ...(isNew(waiting?.sentence, before?.waiting?.sentence) && waiting !== undefined
      ? [`  waits: ${oneLine(waiting.sentence)}; who can end it: ${oneLine(waiting.who)}${until(waiting.until, asOf)}`]
      : []),
    ...(isNew(outcome, before?.outcome)
      ? [`${outcome === 'done' ? '✓' : '○'} ${outcome}: ${oneLine(because ?? '', 1_000)}`]
      : []),
  ];
}

const until = (at: string | undefined, asOf: string): string =>
  at === undefined ? '' : `; until ${readableDeadline(at, asOf)}`;
