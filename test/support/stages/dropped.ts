import { createAssessRollback } from '../../../activities/rollback/assess-rollback';
import { findCopies } from '../../../activities/backup/copy-folder';
import { createEndWriteGuard } from '../../../activities/rollback/end-write-guard';
import { createRefillRemoved } from '../../../activities/rollback/refill-removed';
import { createFinishRestore } from '../../../activities/rollback/finish-restore';
import { createRestoreRemoved } from '../../../activities/rollback/restore-removed';
import { createSealNewKeys } from '../../../activities/new-keys/seal-new-keys';
import type { RestoreDeps } from '../../../activities/decisions/rollback-decisions';
import type { Gate } from '../../../contract/run/decisions';
import { traitsOf } from '../../../contract/plan/removals';
import type { OfKnownPlans } from '../../../activities/statements/of-known-plan';
import type { RestoreInput } from '../../../contract/activities/effect-inputs';
import { decide } from './decided';
import { newRun, electorate, type SampleEnvironment } from './sample-environment';
import type { Prepared } from './ready-to-drop';

type RollbackVerbs = Pick<
  OfKnownPlans,
  'assessRollback' | 'sealNewKeys' | 'restoreRemoved' | 'refillRemoved' | 'finishRestore' | 'endWriteGuard'
>;

/** The steps of a rollback in one environment. */
export function rollbackVerbsOf(
  { find }: SampleEnvironment,
  deps: Partial<RestoreDeps> = { electorate },
): RollbackVerbs {
  const all = { environment: find, ...deps };
  return {
    assessRollback: createAssessRollback(all),
    sealNewKeys: createSealNewKeys(all),
    restoreRemoved: createRestoreRemoved(all),
    refillRemoved: createRefillRemoved(all),
    finishRestore: createFinishRestore(all),
    endWriteGuard: createEndWriteGuard(all),
  };
}

/** In production, where each step verifies its decisions. */
export type ApprovedRollback = RestoreInput & Required<Pick<RestoreInput, 'decision'>>;

/** What the steps of a rollback are given after it was approved: `lossy` by the quorum, otherwise by one on call. */
export async function approveRollback(
  { environment }: Pick<SampleEnvironment, 'environment'>,
  { run: rollout, plan, planDigest, backup }: Prepared,
  { lossy, ...change }: { lossy: boolean } & Partial<Gate>,
): Promise<ApprovedRollback> {
  const run = newRun('rollback');
  const asked = lossy
    ? { purpose: 'accept-loss' as const, needs: { approver: 2 } }
    : { purpose: 'approve' as const, needs: { 'on-call': 1 }, voters: ['otto'] };
  const granted = await decide(environment, { run, plan, planDigest }, { name: 'rollback', ...asked, ...change });
  const [copy] = await findCopies(environment, rollout);
  const kept = traitsOf(plan).hasValues ? { backup } : {};
  const { decision } = granted;
  return { run, rollout, plan, planDigest, ...kept, ...(copy && { copy: copy.receipt.id }), decision };
}
