import type { WorkflowHandle } from '@temporalio/client';
import type { Answer } from '../../../contract/run/messages';
import type { RolloutResult } from '../../../contract/run/outcome';
import type { HaltOrder, HaltingWorkers } from './halting-workers';
import type { RolloutStage } from '../stages/rollout-stage';
import { stepsBeforeTheDrop } from '../stages/steps-before-the-drop';

/** How an abort in the middle of a step was answered, and how the run ended. */
interface Aborted {
  handle: WorkflowHandle;
  answer: Answer;
  result: RolloutResult;
}

/** Starts a rollout, lets it come to where it halts, approved if it is behind the gate, and aborts it there. */
export async function rolloutAbortedIn(
  stage: RolloutStage,
  workers: HaltingWorkers,
  order: HaltOrder,
): Promise<Aborted> {
  const { handle, go } = await rolloutHaltedIn(stage, workers, order);
  const answer = await stage.decide(handle, 'abort', { reason: `abort in ${order.step}` });
  go();
  return { handle, answer, result: await stage.resultOf(handle) };
}

/** The same without the abort. */
export async function rolloutHaltedIn(
  stage: RolloutStage,
  workers: HaltingWorkers,
  order: HaltOrder,
): Promise<{ handle: WorkflowHandle; go: () => void }> {
  const { reached, go } = workers.halt(order);
  const handle = await stage.start();
  const ended = handle.result().then((result) => {
    throw new Error(
      `expected the rollout to come to "${order.step}", found that it has ended: ${JSON.stringify(result)}`,
    );
  });
  const there = isBehindTheGate(order.step) ? stage.approve(handle).then(() => reached) : reached;
  await Promise.race([there, ended]);
  ended.catch(() => undefined); // from here on it may
  return { handle, go };
}

function isBehindTheGate(step: string): boolean {
  const steps = stepsBeforeTheDrop();
  return !steps.slice(0, steps.indexOf('approval: production') + 1).includes(step);
}
