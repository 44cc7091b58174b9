import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import type { Run } from '../contract/run/decisions';

/** Also ends the lease of a maintenance. The run is that of the sender. */
export const release = defineSignal<[Run?]>('release');

/**
 * Stands for "this target is taken" until its holder releases it, and nobody else. Started and ended by activities, never as a child.
 */
export async function targetLock({ run }: { run: Run }): Promise<void> {
  let released = false;
  const isHolder = (sender: unknown): boolean => {
    const { workflowId, firstRun } = (sender ?? {}) as Partial<Run>;
    return workflowId === run.workflowId && firstRun === run.firstRun;
  };
  setHandler(release, (sender) => void (released ||= isHolder(sender)), {
    description: `Frees the target held by ${run.workflowId}.`,
  });
  await condition(() => released);
}
