import type { Facts, StepRecord } from '../contract/run/facts';
import { readableDeadline, readableInstant, readableSpan } from '../contract/text/instant';
import { counted, oneLine } from '../contract/text/plain-text';
import { stateMark, stepMarks } from './step-marks';

/** A run as a terminal shows it: no colours, no marks, one thing a line. */
export function statusText(facts: Facts, asOf: string): string {
  const { kind, run, plan, order, outcome, because, phase, held, pastTheDrop } = facts;
  const name = oneLine(plan?.name ?? order.plan ?? 'a plan', 100);
  const what = kind === 'rollback' ? `rollback of ${name}` : name;
  const lines = [
    `${stateMark(facts)} ${oneLine(run.target, 80)}: ${what}: ${outcome ?? phase}${outcome === undefined && pastTheDrop ? ' (past the drop)' : ''}`,
    ...(plan === undefined ? [] : [`  plan digest ${plan.digest}`]),
    `  requested by ${oneLine(facts.requesters.join(', '), 200)} at ${readableInstant(facts.startedAt)}`,
    ...(because === undefined ? [] : [`  ${oneLine(because, 1_000)}`]),
    ...(held === undefined ? [] : [`  on hold since ${readableInstant(held.since)}: ${oneLine(held.reason)}`]),
    ...(outcome === undefined ? [...questionLines(facts), ...waitingLines(facts, asOf)] : []),
    '',
    ...facts.steps.map((step) => stepLine(step, asOf)),
    ...refusedLines(facts),
    ...facts.warnings.map((problem) => `⚠ ${oneLine(problem)}`),
    ...(facts.notCovered.length === 0
      ? []
      : [`○ not covered: ${facts.notCovered.map((line) => oneLine(line)).join('; ')}`]),
    ...(facts.report === undefined ? [] : [`report: ${oneLine(facts.report, 1_000)}`]),
    ...(facts.link === undefined ? [] : [`Temporal UI: ${oneLine(facts.link, 1_000)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** One step as one line; also the line of an event where there is no terminal. */
export function stepLine({ name, state, startedAt, endedAt, tries, note }: StepRecord, asOf: string): string {
  const took = readableSpan(startedAt, endedAt ?? asOf);
  const again = tries > 1 ? `, ${tries} tries` : '';
  return `${stepMarks[state]} ${oneLine(name, 100)} (${took}${again})${note === undefined ? '' : `: ${oneLine(note)}`}`;
}

function questionLines({ question }: Facts): string[] {
  if (question === undefined) return [];
  const { step, because, state, loss, recommended, ifNobodyAnswers, choices, undo } = question;
  return [
    `⚠ ${oneLine(step, 100)} did not succeed:`,
    ...because.map((line) => `    ${oneLine(line)}`),
    `  state: ${oneLine(state)}`,
    `  loss: ${oneLine(loss)}`,
    `  recommended: ${oneLine(recommended)}; if no one answers: ${oneLine(ifNobodyAnswers)}`,
    ...choices.map(
      ({ choice, does, needsCode }) =>
        `    ${oneLine(choice, 40)}: ${oneLine(does)}${needsCode ? ' (needs a code)' : ''}`,
    ),
    ...(undo === undefined ? [] : [`  undo by hand: ${oneLine(undo, 2_000)}`]),
  ];
}

function waitingLines({ waiting }: Facts, asOf: string): string[] {
  if (waiting === undefined) return [];
  const { sentence, who, until, then } = waiting;
  return [
    `  waits: ${oneLine(sentence)}`,
    `  who can end it: ${oneLine(who)}; ${until === undefined ? 'no deadline' : `until ${readableDeadline(until, asOf)}`}`,
    `  then: ${oneLine(then)}`,
  ];
}

/** The latest few, since somebody looks for the one they have just sent. */
function refusedLines({ messages }: Facts): string[] {
  const refused = messages.filter(({ accepted }) => !accepted);
  const left = refused.length - 5;
  return [
    ...(left > 0 ? [`⚠ ${counted(left, 'earlier message')} refused`] : []),
    ...refused
      .slice(-5)
      .map(({ kind, at, because }) => `⚠ refused: ${oneLine(kind, 40)} of ${readableInstant(at)}: ${oneLine(because)}`),
  ];
}
