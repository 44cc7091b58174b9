import { createBackup } from '../../../activities/backup/backup';
import { decidesAlone, type Environment } from '../../../activities/environment/environment';
import type { Run } from '../../../contract/run/decisions';
import type { Plan } from '../../../contract/plan/plan';
import type { BackupReceipt } from '../../../contract/run/receipts';
import { decide } from './decided';
import { electorate } from './sample-environment';

/** A backup as a rollout takes it: in production after its approval. */
export async function takeApprovedBackup(
  environment: Environment,
  order: { run: Run; plan: Plan; planDigest: string },
): Promise<BackupReceipt> {
  const granted = decidesAlone(environment) ? undefined : await decide(environment, order, { name: 'production' });
  const deps = { environment: () => environment, electorate };
  return createBackup(deps)({ ...order, ...(granted && { decision: granted.decision }) });
}
