import type { Temporal } from '../adapters/temporal';
import type { EnvironmentActivities } from '../contract/steps';
import { createBackup } from './backup';
import { createCaptureBaseline } from './capture-baseline';
import { createCheckApplication } from './check-application';
import { createCheckCache } from './check-cache';
import { createCheckLog } from './check-log';
import { createDeploy } from './deploy';
import { createDrop, type DropDeps } from './drop';
import { createFlushCache } from './flush-cache';
import { createLoadTest } from './load-test';
import { createLookAtWorld } from './look-at-world';
import { createProbe } from './probe';
import { createProveBackup } from './prove-backup';
import { createProveNothingStale } from './prove-nothing-stale';
import { createPutBack } from './put-back';
import { createSetMaintenance } from './set-maintenance';
import { createTakeSample } from './take-sample';
import { createWatch } from './watch';

/** What an environment's worker needs: its own settings, and Temporal for the maintenance lease. */
export interface EnvironmentDeps extends DropDeps {
  temporal: Pick<Temporal, 'start' | 'signal'>;
}

/** Everything that touches one environment: which one, the worker's settings say and never an input. */
export const createEnvironmentActivities = (deps: EnvironmentDeps): Partial<EnvironmentActivities> => ({
  checkCache: createCheckCache(deps),
  checkLog: createCheckLog(deps),
  checkApplication: createCheckApplication(deps),
  captureBaseline: createCaptureBaseline(deps),
  takeSample: createTakeSample(deps),
  watch: createWatch(deps),
  probe: createProbe(deps),
  proveNothingStale: createProveNothingStale(deps),
  lookAtWorld: createLookAtWorld(deps),
  backup: createBackup(deps),
  proveBackup: createProveBackup(deps),
  setMaintenance: createSetMaintenance(deps),
  flushCache: createFlushCache(deps),
  deploy: createDeploy(deps),
  loadTest: createLoadTest(deps),
  drop: createDrop(deps),
  putBack: createPutBack(deps),
});
