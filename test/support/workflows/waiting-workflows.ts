import { condition, defineSignal, setHandler } from '@temporalio/workflow';

export { targetLock } from '../../../workflows/target-lock';

/** Stands for a rollout that is at work: open until it is told to end. */
export async function rollout(): Promise<void> {
  let told = false;
  setHandler(defineSignal('end'), () => void (told = true));
  await condition(() => told, '30 days'); // its timer is what a replay can tell from other code
}
