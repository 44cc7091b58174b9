import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import type { Run } from '../contract/run/decisions';

/** Also ends the lease of a maintenance. The run is that of the sender, for the history alone. */
export const release = defineSignal<[Run?]>('release');

/** Stands for "this target is taken" until its holder releases it. Started and ended by activities, never as a child. */
export async function targetLock({ run }: { run: Run }): Promise<void> {
  let released = false;
  setHandler(release, () => void (released = true), { description: `Frees the target held by ${run.workflowId}.` });
  await condition(() => released);
}
