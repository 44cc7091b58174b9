import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { allHandlersFinished, condition } from '@temporalio/workflow';
import type { RollbackOrder, RolloutOrder } from '../contract/run/inputs';
import type { Facts } from '../contract/run/facts';
import type { RolloutResult } from '../contract/run/outcome';
import type { Loaded } from '../contract/activities/loaded';
import { undoneSteps } from '../contract/run/rollout-steps';
import { hasBegun } from '../contract/run/step-names';
import type { StepId } from '../contract/run/step-names';
import { nameOfRemoval } from '../contract/plan/removals';
import { endedLine } from '../report/run/announcements';
import { endedData } from '../report/run/ended-data';
import { doneBecause } from '../report/run/endings';
import { control, environment } from './journal/activities';
import { dispatch, dismiss, showWhatArrived } from './decide/dispatch';
import { giveUpWhenApproved } from './decide/give-up';
import { openQuestionGate } from './decide/open-question';
import { Journal } from './journal/journal';
import { sealsSoFar } from './journal/receipts';
import { lookUntilKnown } from './journal/look-until-known';
import { closeEnvironment, rehearsalStep } from './steps/undo-removal';
import { listen } from './decide/listen';
import { askWith } from './decide/question';
import { asInvalidInput } from './journal/invalid-input';
import { startDestruction } from './steps/start-aftercare';
import { failureLine, failureType, Stop } from './journal/stop';
import { stateQuery } from './evidence/state-query';

/** How a run begins and ends, around the story that `rollout.ts` and `rollback.ts` tell. */

/** Registers every handler before the first await, then starts what runs beside the story. */
export function begin(kind: Facts['kind'], order: RolloutOrder | RollbackOrder): Journal {
  const journal = new Journal(kind, order, askWith(openQuestionGate));
  listen(journal);
  void dispatch(journal);
  void showWhatArrived(journal);
  if (kind === 'rollout') void giveUpWhenApproved(journal);
  void journal.notifier.run();
  void journal.events.run();
  void journal.requests.run();
  journal.changed();
  return journal;
}

/** Plan, settings and start event, or why it ends before. @throws ApplicationFailure `InvalidInput`: the run fails */
export async function load(journal: Journal, order: RolloutOrder): Promise<Loaded | Stop> {
  const { workflowId } = journal.facts.run;
  const { runId } = journal.facts;
  try {
    const loaded = await journal.patiently('load the plan', () => control.loadPlan({ order, workflowId, runId }));
    journal.remember(loaded);
    return loaded;
  } catch (error) {
    if (error instanceof Stop) return error;
    throw asInvalidInput(error);
  }
}

/** One rollout a target. A busy one ends this run: nothing was touched. @throws Stop where another one holds it */
export async function takeTarget(journal: Journal): Promise<void> {
  const { run } = journal.facts;
  try {
    await journal.patiently('take the target', () => control.acquireTarget({ run }));
  } catch (error) {
    if (failureType(error) !== 'TargetBusy') throw error;
    throw new Stop('stopped', failureLine(error));
  }
}

/**
 * Whether an aborted drop has happened decides whether the abort is acknowledged. First its state row is closed, which
 * waits for a drop that is just being committed: what is seen then stays so. Looks until it is known.
 */
export async function dropHappened(journal: Journal, loaded: Loaded): Promise<boolean> {
  const { run } = journal.facts;
  await closeEnvironment(journal, loaded, 'production');
  const observed = await lookUntilKnown(
    () => environment('production').observeState(stateQuery(loaded, run)),
    'did the drop happen?',
  );
  return observed.row === 'dropped';
}

/** Puts back, frees the target, reports, tells, answers everybody, and says how it ended. */
export async function end(journal: Journal, loaded: Loaded): Promise<RolloutResult> {
  const { facts } = journal;
  const { plan, target } = loaded;
  journal.close(new Stop('done', doneBecause(plan.removes.map(nameOfRemoval), target)));
  if (!facts.pastTheDrop && facts.kind === 'rollout') await undoRemoval(journal, loaded);
  for (const received of journal.unanswered.splice(0)) {
    journal.mailbox.answer(received, true, `${facts.outcome ?? ''}: ${facts.because ?? ''}`);
  }
  await told(journal, 'the target could not be released', () => control.releaseTarget({ run: facts.run }));
  if (facts.kind === 'rollout') {
    const failed = 'nothing destroys the backups at their date; destroy the identity by hand then';
    await told(journal, failed, () => startDestruction(journal, loaded));
  }
  const line = endedLine(plan.name, facts.outcome ?? '', facts.because ?? '');
  journal.notifier.announce(line, journal.newsOf('run.ended', endedData(facts)));
  await journal.notifier.drained();
  facts.endedAt = new Date().toISOString();
  const seals = sealsSoFar();
  if (seals.length > 0) facts.seals = seals;
  const written = await told(journal, 'no report was written', () => control.writeReport({ facts }));
  if (written !== undefined) facts.report = written.markdown;
  journal.events.tell('run.ended', line, endedData(facts)); // with the report
  journal.enter('done');
  await journal.notifier.drained();
  await journal.requests.drained();
  await journal.events.drained();
  dismiss(journal);
  await condition(allHandlersFinished);
  return resultOf(facts);
}

/** Somebody has ended it while plan and settings were still looked for: nothing was touched. */
export async function endUnloaded(journal: Journal, stop: Stop): Promise<RolloutResult> {
  const { facts, mailbox } = journal;
  journal.close(stop);
  for (const received of journal.unanswered.splice(0))
    mailbox.answer(received, true, `${stop.outcome}: ${stop.because}`);
  facts.endedAt = new Date().toISOString();
  journal.enter('done');
  await journal.notifier.drained();
  dismiss(journal);
  await condition(allHandlersFinished);
  return resultOf(facts);
}

export function resultOf(facts: Facts): RolloutResult {
  return {
    outcome: facts.outcome ?? 'stopped',
    because: facts.because ?? '',
    ...(facts.plan && { planDigest: facts.plan.digest }),
    ...(facts.report !== undefined && { report: facts.report }),
  };
}

/** Wherever this run may have left something, or might still drop: as it was. */
async function undoRemoval(journal: Journal, loaded: Loaded): Promise<void> {
  const { facts } = journal;
  const begun = (...steps: StepId[]): boolean => steps.some((step) => hasBegun(facts.steps, step));
  // Users of production wait for nobody; and a gate that could not be opened may have left a state row.
  if (begun({ name: 'approval', gate: 'production' }, ...undoneSteps('production'))) {
    const did = await closeEnvironment(journal, loaded, 'production');
    facts.because = [facts.because, ...did].join('; ');
  }
  // Staging may carry the change of an earlier rollout, and only its way back was begun by this one.
  if (begun(...undoneSteps('staging'), rehearsalStep)) {
    const did = await closeEnvironment(journal, loaded, 'staging');
    facts.because = [facts.because, `staging: ${did.join(', ')}`].join('; ');
  }
}

async function told<T>(journal: Journal, what: string, tell: () => Promise<T>): Promise<T | undefined> {
  try {
    return await tell();
  } catch (error) {
    if (!(error instanceof ActivityFailure) && !(error instanceof ApplicationFailure)) throw error;
    journal.facts.warnings.push(`${what}: ${failureLine(error)}`);
    return undefined;
  }
}
