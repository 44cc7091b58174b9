import { condition } from '@temporalio/workflow';

export { targetLock } from '../../../workflows/target-lock';

/** The `rollout` of `waiting-workflows.ts` after a change that open runs can't go on with. */
export async function rollout(): Promise<void> {
  await condition(() => false);
}
