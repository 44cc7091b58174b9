import type { RestoreOrder } from '../../contract/activities/effect-inputs';
import type { Loaded } from '../../contract/activities/loaded';
import type { RollbackCase } from '../../contract/run/rollback-case';
import type { Journal } from '../journal/journal';

/** What the way back needs to know: which rollout it takes back, and what its values come from. */
export function restoreOrder(
  { facts: { run } }: Journal,
  { planDigest, target }: Loaded,
  { rollout: { workflowId, firstRun }, backup, copy }: RollbackCase,
): RestoreOrder {
  return {
    ...{ run, rollout: { target, workflowId, firstRun }, planDigest },
    ...(backup && { backup: backup.id }),
    ...(copy && { copy: copy.id }),
  };
}
