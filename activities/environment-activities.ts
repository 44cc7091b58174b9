import type { Temporal } from '../adapters/temporal';
import type { EnvironmentActivities } from '../contract/activities/environment-activities';
import { createAssessRollback } from './rollback/assess-rollback';
import { createBackup } from './backup/backup';
import { createCaptureBaseline } from './evidence/capture-baseline';
import { createCheckApplication } from './preflight/check-application';
import { createCheckCache } from './cache/check-cache';
import { createCheckLog } from './preflight/check-log';
import { createCheckQueries } from './preflight/check-queries';
import { createCheckServer } from './server-checks/check-server';
import { createCheckStructure } from './structure-checks/check-structure';
import { createCheckTools } from './server-checks/check-tools';
import { createClassifyRows } from './preflight/classify-rows';
import { createCountIndexUse } from './state/count-index-use';
import { createDeploy } from './release/deploy';
import { createDestroyBackups } from './backup/destroy-backups';
import { createDrop } from './removal/drop';
import { createEndWriteGuard } from './rollback/end-write-guard';
import { createRefillRemoved } from './rollback/refill-removed';
import { createFinalCopy } from './removal/final-copy';
import { createFinishRestore } from './rollback/finish-restore';
import { createFlushCache } from './cache/flush-cache';
import { createFreeze } from './removal/freeze';
import { createNoteHold } from './state/hold';
import { createHide } from './removal/hide';
import { createLoadTest } from './evidence/load-test';
import { createObserveState } from './state/observe-state';
import { createProbe } from './evidence/probe';
import { createProveBackup } from './rehearsal/prove-backup';
import { createProveNothingStale } from './cache/prove-nothing-stale';
import { createUndoRemoval } from './removal/undo-removal';
import { createRestoreRemoved } from './rollback/restore-removed';
import { createRehearseOnCopy } from './rehearsal/rehearse-on-copy';
import type { RestoreDeps } from './decisions/rollback-decisions';
import { createSealNewKeys } from './new-keys/seal-new-keys';
import { createCaptureDefinitions } from './catalogue/definitions';
import { ofKnownPlans, type OfKnownPlans } from './statements/of-known-plan';
import { createSetMaintenance } from './release/set-maintenance';
import type { RolloutDeps } from './decisions/rollout-decisions';
import { createTakeSample } from './evidence/take-sample';
import { createUnhide } from './removal/unhide';
import { createVerifyDropped } from './removal/verify-dropped';
import { createWatch } from './evidence/watch';

/** What an environment's worker needs: its own settings, and Temporal for the maintenance lease. */
export interface EnvironmentDeps extends RolloutDeps, RestoreDeps {
  temporal: Pick<Temporal, 'start' | 'signal'>;
}

/** Everything that touches one environment: which one, the worker's settings say and never an input; of which plans, its folders. */
export const createEnvironmentActivities = (deps: EnvironmentDeps): EnvironmentActivities =>
  ofKnownPlans(each(deps), deps.environment);

const each = (deps: EnvironmentDeps): OfKnownPlans => ({
  takesTasks: () => Promise.resolve(),

  checkServer: createCheckServer(deps),
  checkStructure: createCheckStructure(deps),
  classifyRows: createClassifyRows(deps),
  captureDefinitions: createCaptureDefinitions(deps),
  checkQueries: createCheckQueries(deps),
  checkCache: createCheckCache(deps),
  checkLog: createCheckLog(deps),
  checkApplication: createCheckApplication(deps),
  checkTools: createCheckTools(deps),
  captureBaseline: createCaptureBaseline(deps),
  takeSample: createTakeSample(deps),
  watch: createWatch(deps),
  probe: createProbe(deps),
  verifyDropped: createVerifyDropped(deps),
  proveNothingStale: createProveNothingStale(deps),
  countIndexUse: createCountIndexUse(deps),
  rehearseOnCopy: createRehearseOnCopy(deps),
  observeState: createObserveState(deps),

  noteHold: createNoteHold(deps),
  backup: createBackup(deps),
  proveBackup: createProveBackup(deps),
  setMaintenance: createSetMaintenance(deps),
  flushCache: createFlushCache(deps),
  deploy: createDeploy(deps),
  loadTest: createLoadTest(deps),
  freeze: createFreeze(deps),
  finalCopy: createFinalCopy(deps),
  hide: createHide(deps),
  unhide: createUnhide(deps),
  drop: createDrop(deps),
  undoRemoval: createUndoRemoval(deps),
  destroyBackups: createDestroyBackups(deps),

  assessRollback: createAssessRollback(deps),
  sealNewKeys: createSealNewKeys(deps),
  restoreRemoved: createRestoreRemoved(deps),
  refillRemoved: createRefillRemoved(deps),
  finishRestore: createFinishRestore(deps),
  endWriteGuard: createEndWriteGuard(deps),
});
