import { createAssessRollback } from '../../../activities/rollback/assess-rollback';
import { findCopies } from '../../../activities/backup/copy-folder';
import { createEndGuard } from '../../../activities/rollback/end-guard';
import { createFillColumns } from '../../../activities/rollback/fill-columns';
import { createFinishRestore } from '../../../activities/rollback/finish-restore';
import { createRestoreColumns } from '../../../activities/rollback/restore-columns';
import { createSealNewKeys } from '../../../activities/new-keys/seal-new-keys';
import type { RestoreDeps } from '../../../activities/approval/rollback-decisions';
import type { Gate } from '../../../contract/run/decisions';
import { traitsOf } from '../../../contract/plan/removals';
import type { OfKnownPlans } from '../../../activities/statements/of-known-plan';
import type { RestoreInput } from '../../../contract/run/effect-inputs';
import { decide } from './decided';
import { newRun, electorate, type SampleEnvironment } from './sample-environment';
import type { Prepared } from './ready-to-drop';

type WayBack = Pick<
  OfKnownPlans,
  'assessRollback' | 'sealNewKeys' | 'restoreColumns' | 'fillColumns' | 'finishRestore' | 'endGuard'
>;

/** The steps of a rollback in one environment. */
export function wayBackOf({ find }: SampleEnvironment, deps: Partial<RestoreDeps> = { electorate }): WayBack {
  const all = { environment: find, ...deps };
  return {
    assessRollback: createAssessRollback(all),
    sealNewKeys: createSealNewKeys(all),
    restoreColumns: createRestoreColumns(all),
    fillColumns: createFillColumns(all),
    finishRestore: createFinishRestore(all),
    endGuard: createEndGuard(all),
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
