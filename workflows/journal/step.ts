import { isCancellation } from '@temporalio/workflow';
import { TemporalFailure } from '@temporalio/common';
import type { Facts, FailedTry, StepRecord } from '../../contract/run/facts';
import { doubts, findingLine, isSameDoubt, obstacles } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { stepLabel } from '../../contract/run/step-names';
import type { StepId } from '../../contract/run/step-names';
import { showEverywhere } from './show';
import { failureLine, Stop } from './stop';

/** How a step differs from the usual one, which asks a person when it does not succeed. */
export interface StepOptions<T> {
  /** What the result says against going on; default: none. */
  judge?: (result: T) => Finding[];
  /** `stop`: an obstacle ends the rollout (nothing was changed yet). Default `ask`. */
  onObstacle?: 'ask' | 'stop';
  /** `tell`: what only a person can judge is told and asks nobody. Default `ask`, and then it is acceptable. */
  onDoubt?: 'ask' | 'tell';
  /** Done before anybody is asked about what is in the way, so that nothing waits half-way for an answer; a retry then begins anew. */
  undo?: () => Promise<void>;
  /** Whether a person may go on in spite of it; never for a safety check. Default false. */
  acceptable?: boolean;
  /** One line for the report. */
  note?: (result: T) => string;
}

/** What went wrong in a step, and whether a person may go on in spite of it. */
export interface StepProblem {
  /** Its label. */
  step: string;
  /** What is in the way and what only a person can judge, one line each. */
  because: string[];
  /** Whether `accept` may be answered. */
  acceptable: boolean;
  /** What only a person can judge; the answer `accept` is kept for each. */
  doubts: Finding[];
}

/** What a step needs of the run that it is one of. */
export interface RunOfSteps {
  readonly facts: Facts;
  /** Returns when the run is not held. @throws Stop */
  safePoint(): Promise<void>;
  /** Waits for a worker as long as it takes. */
  patiently<T>(name: string, perform: () => Promise<T>): Promise<T>;
  /** Opens a question, and waits for its answer. @throws Stop if the answer ends the run */
  askAbout(problem: StepProblem): Promise<'retry' | 'accept'>;
  /** What is shown follows the facts. */
  changed(): void;
}

/** Runs a step until it is done: records it, and asks a person when it did not succeed. @throws Stop */
export async function runStep<T>(
  run: RunOfSteps,
  { id, perform }: { id: StepId; perform: () => Promise<T> },
  options: StepOptions<T>,
): Promise<T> {
  await run.safePoint();
  const record = begin(run, id);
  try {
    return await untilDone(run, { record, perform }, options);
  } catch (error) {
    if (error instanceof Stop) finish(run, record, { state: 'failed', note: record.note ?? error.because });
    throw error;
  }
}

async function untilDone<T>(
  run: RunOfSteps,
  { record, perform }: { record: StepRecord; perform: () => Promise<T> },
  options: StepOptions<T>,
): Promise<T> {
  const { name } = record;
  for (;;) {
    record.tries += 1;
    const tried = await attempt(run, name, perform);
    const found = 'result' in tried ? (options.judge?.(tried.result) ?? []) : [];
    const inTheWay = 'result' in tried ? obstacles(found).map(findingLine) : [tried.failed];
    const open = options.onDoubt === 'tell' ? [] : unansweredDoubts(run, found);
    const against = [...inTheWay, ...open.map(findingLine)];
    record.findings = found;
    if ('result' in tried && against.length === 0) {
      finish(run, record, { state: 'done', note: options.note?.(tried.result) });
      return tried.result;
    }
    record.note = against[0] ?? '';
    if (options.onObstacle === 'stop' && inTheWay.length > 0)
      throw new Stop('stopped', `${name}: ${against.join(' | ')}`);
    // A doubt alone stops nobody: what only a person can judge stays as it was seen, so that "accept" can go on from there.
    if (inTheWay.length > 0) await options.undo?.();
    record.state = 'asking';
    const acceptable = 'result' in tried && (options.acceptable === true || inTheWay.length === 0);
    const failed = keepFailed(record, against);
    const choice = await run.askAbout({ step: name, because: against, acceptable, doubts: open });
    failed.answer = choice;
    if (choice === 'accept' && acceptable) {
      const note = inTheWay.length === 0 ? options.note?.(tried.result) : undefined;
      finish(run, record, { state: 'done', note: note ?? `accepted: ${against.join(' | ')}` });
      return tried.result;
    }
    record.state = 'running';
    run.changed();
  }
}

/** Who answers "retry" for ever must not make the facts too large for Temporal. */
const mostFailedTries = 10;

/** Kept for approvers and the report, also after the step has succeeded. */
function keepFailed(record: StepRecord, because: string[]): FailedTry {
  const failed: FailedTry = { at: now(), because };
  record.failedTries ??= [];
  if (record.failedTries.length < mostFailedTries) record.failedTries.push(failed);
  return failed;
}

function unansweredDoubts(run: RunOfSteps, found: readonly Finding[]): Finding[] {
  const { answered = [] } = run.facts;
  return doubts(found).filter((doubt) => !answered.some(({ finding }) => isSameDoubt(finding, doubt)));
}

async function attempt<T>(
  run: RunOfSteps,
  name: string,
  perform: () => Promise<T>,
): Promise<{ result: T } | { failed: string }> {
  try {
    return { result: await run.patiently(name, perform) };
  } catch (error) {
    // What is neither ours nor Temporal's is a bug: let it block the task, touch nothing, wait for a fix.
    if (isCancellation(error) || !(error instanceof TemporalFailure)) throw error;
    return { failed: failureLine(error) };
  }
}

function begin(run: RunOfSteps, id: StepId): StepRecord {
  const record: StepRecord = { id, name: stepLabel(id), state: 'running', startedAt: now(), tries: 0, findings: [] };
  run.facts.steps.push(record);
  run.changed();
  return record;
}

/** How a step ended, and its line for the report. */
interface StepEnd {
  state: 'done' | 'failed';
  note: string | undefined;
}

function finish(run: RunOfSteps, record: StepRecord, { state, note }: StepEnd): void {
  record.state = state;
  record.endedAt = now();
  if (note === undefined) delete record.note;
  else record.note = note;
  showEverywhere(run.facts); // Slack hears of it with the next step: half as many messages
}

const now = (): string => new Date().toISOString();
