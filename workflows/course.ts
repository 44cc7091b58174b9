import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { allHandlersFinished, condition, sleep } from '@temporalio/workflow';
import { invalidInput } from '../contract/inputs';
import type { RollbackOrder, RolloutOrder } from '../contract/inputs';
import type { Facts } from '../contract/facts';
import type { EnvironmentName } from '../contract/names';
import type { RolloutResult } from '../contract/outcome';
import type { Loaded } from '../contract/steps';
import { control, environment } from './activities';
import { attend, dismiss } from './attend';
import { openQuestionGate } from './open-question';
import { Journal } from './journal';
import { closeEnvironment } from './put-data-back';
import { listen } from './listen';
import { askWith } from './question';
import { rememberLoaded } from './record';
import { startDestruction } from './start-aftercare';
import { failureLine, failureType, Stop } from './stop';

/** How a run begins and ends, around the story that `rollout.ts` and `rollback.ts` tell. */

/** Registers every handler before the first await, then starts the two things that run beside the story. */
export function begin(kind: Facts['kind'], order: RolloutOrder | RollbackOrder): Journal {
  const journal = new Journal(kind, order, askWith(openQuestionGate));
  listen(journal);
  void attend(journal);
  void journal.bulletin.run();
  journal.changed();
  return journal;
}

/** Plan, settings and start event. @throws ApplicationFailure `InvalidInput`: the run fails in its first task */
export async function load(journal: Journal, order: RolloutOrder): Promise<Loaded> {
  const { workflowId } = journal.facts.run;
  const { runId } = journal.facts;
  try {
    const loaded = await journal.patiently('load the plan', () => control.loadPlan({ order, workflowId, runId }));
    remember(journal, loaded);
    return loaded;
  } catch (error) {
    throw asInvalidInput(error);
  }
}

export function remember(journal: Journal, loaded: Loaded): void {
  journal.loaded = loaded;
  rememberLoaded(journal.facts, loaded);
  journal.changed();
}

/** What can't be loaded can't be run: its own message, without Temporal's wrapping. */
export function asInvalidInput(error: unknown): unknown {
  if (failureType(error) === 'InvalidInput' && error instanceof ActivityFailure) return error.cause;
  if (!(error instanceof ActivityFailure)) return error;
  const fault = { place: 'plan or settings', message: failureLine(error) };
  return invalidInput('run', [fault], { hint: 'mend the settings or the plan, then start it again' });
}

/** One rollout a target. A busy one ends this run: nothing was touched. */
export async function takeTarget(journal: Journal): Promise<void> {
  const { run } = journal.facts;
  try {
    await journal.patiently('take the target', () => control.acquireTarget({ run }));
  } catch (error) {
    if (failureType(error) !== 'TargetBusy') throw error;
    throw new Stop('stopped', failureLine(error));
  }
}

/** Looks until it is known: whether an aborted drop has happened decides whether the abort is acknowledged. */
export async function dropHappened(journal: Journal, { plan, target }: Loaded): Promise<boolean> {
  const { run } = journal.facts;
  for (;;) {
    try {
      const { removes, revision } = plan;
      const world = await environment('production').lookAtWorld({
        target,
        removes,
        ...(revision && { revision }),
        run,
      });
      return world.row === 'dropped';
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      await sleep('10 s', { summary: 'did the drop happen? look again' });
    }
  }
}

/** Puts back, frees the target, reports, tells, answers everybody, and says how it ended. */
export async function end(journal: Journal, loaded: Loaded): Promise<RolloutResult> {
  const { facts } = journal;
  const { plan, target } = loaded;
  const gone = plan.removes.map(({ column }) => column).join(', ');
  journal.close(new Stop('done', `${gone} are gone from staging and production of ${target}`));
  if (!facts.pastTheDrop && facts.kind === 'rollout') await putBack(journal, loaded);
  for (const mail of journal.unanswered.splice(0)) {
    journal.mailbox.answer(mail, true, `${facts.outcome ?? ''}: ${facts.because ?? ''}`);
  }
  await told(journal, 'the target could not be released', () => control.releaseTarget({ run: facts.run }));
  if (facts.kind === 'rollout') {
    const failed = 'nobody destroys the backups at their date; destroy the identity by hand then';
    await told(journal, failed, () => startDestruction(journal, loaded));
  }
  journal.bulletin.announce(`${plan.name}: ${facts.outcome ?? ''}. ${facts.because ?? ''}`, true);
  await journal.bulletin.drained();
  facts.endedAt = new Date().toISOString();
  const written = await told(journal, 'no report was written', () => control.writeReport({ facts }));
  if (written !== undefined) facts.report = written.markdown;
  journal.changed();
  await journal.bulletin.drained();
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
async function putBack(journal: Journal, loaded: Loaded): Promise<void> {
  const { facts } = journal;
  const begun = (name: EnvironmentName): boolean => facts.steps.some((step) => step.name === `${name}: freeze`);
  if (begun('staging')) await closeEnvironment(journal, loaded, 'staging');
  if (!begun('production') && !facts.gates.some(({ name }) => name === 'production')) return;
  const did = await closeEnvironment(journal, loaded, 'production');
  facts.because = [facts.because, ...did].join('; ');
}

async function told<T>(journal: Journal, what: string, tell: () => Promise<T>): Promise<T | undefined> {
  try {
    return await tell();
  } catch (error) {
    if (!(error instanceof ActivityFailure) && !(error instanceof ApplicationFailure)) throw error;
    journal.facts.troubles.push(`${what}: ${failureLine(error)}`);
    return undefined;
  }
}
