import type { Temporal } from '../adapters/temporal';
import type { EnvironmentActivities } from '../contract/steps';
import { createAssessRollback } from './assess-rollback';
import { createBackup } from './backup';
import { createCaptureBaseline } from './capture-baseline';
import { createCheckApplication } from './check-application';
import { createCheckCache } from './check-cache';
import { createCheckLog } from './check-log';
import { createCheckQueries } from './check-queries';
import { createCheckServer } from './check-server';
import { createCheckStructure } from './check-structure';
import { createCheckTools } from './check-tools';
import { createClassifyRows } from './classify-rows';
import { createCountIndexUse } from './count-index-use';
import { createDeploy } from './deploy';
import { createDestroyBackups } from './destroy-backups';
import { createDrop } from './drop';
import { createEndGuard } from './end-guard';
import { createFillColumns } from './fill-columns';
import { createFinalCopy } from './final-copy';
import { createFinishRestore } from './finish-restore';
import { createFlushCache } from './flush-cache';
import { createFreeze } from './freeze';
import { createHide } from './hide';
import { createLoadTest } from './load-test';
import { createLookAtWorld } from './look-at-world';
import { createProbe } from './probe';
import { createProveBackup } from './prove-backup';
import { createProveNothingStale } from './prove-nothing-stale';
import { createPutBack } from './put-back';
import { createRestoreColumns } from './restore-columns';
import { createRehearseOnCopy } from './rehearsal/rehearse-on-copy';
import type { RestoreDeps } from './rollback-decisions';
import { createSealNewKeys } from './seal-new-keys';
import { createCaptureDefinitions } from './state/definitions';
import { ofKnownPlans, type OfKnownPlans } from './statements/of-known-plan';
import { createSetMaintenance } from './set-maintenance';
import type { RolloutDeps } from './rollout-decisions';
import { createTakeSample } from './take-sample';
import { createUnhide } from './unhide';
import { createVerifyDropped } from './verify-dropped';
import { createWatch } from './watch';

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
  lookAtWorld: createLookAtWorld(deps),

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
  putBack: createPutBack(deps),
  destroyBackups: createDestroyBackups(deps),

  assessRollback: createAssessRollback(deps),
  sealNewKeys: createSealNewKeys(deps),
  restoreColumns: createRestoreColumns(deps),
  fillColumns: createFillColumns(deps),
  finishRestore: createFinishRestore(deps),
  endGuard: createEndGuard(deps),
});
