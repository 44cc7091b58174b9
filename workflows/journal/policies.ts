import { ActivityCancellationType } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { ControlActivities } from '../../contract/activities/control-activities';
import type { EnvironmentActivities } from '../../contract/activities/environment-activities';
import type { GateActivities } from '../../contract/activities/gate-activities';

/** `WAIT_CANCELLATION_COMPLETED` is set on purpose: left unset the SDK does not wait, whatever its typings say. */
const waited = { cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED } as const;

/** No worker within this time: the journal says so, waits for one, and schedules again: nothing ever starts hours late. */
const scheduleToStartTimeout = '60 s';

/** How an activity is repeated and how long it may take, by the kind of step that it is. */
export const policies = {
  /** Safe to repeat. */
  read: {
    ...waited,
    scheduleToStartTimeout,
    startToCloseTimeout: '30 minutes',
    heartbeatTimeout: '30 s',
    retry: { initialInterval: '1 s', maximumInterval: '10 s', maximumAttempts: 5 },
  },
  /** One attempt; looks first whether its effect is there already. */
  change: {
    ...waited,
    scheduleToStartTimeout,
    startToCloseTimeout: '6 hours',
    heartbeatTimeout: '30 s',
    retry: { maximumAttempts: 1 },
  },
  /** DDL: noticed within 5 s when its worker dies. Some moves or builds a lot besides. */
  ddl: {
    ...waited,
    scheduleToStartTimeout,
    startToCloseTimeout: '6 hours',
    heartbeatTimeout: '5 s',
    retry: { maximumAttempts: 1 },
  },
  /** One sample an attempt: the number of attempts is bounded by the activity itself. */
  watch: {
    ...waited,
    scheduleToStartTimeout,
    startToCloseTimeout: '2 minutes',
    heartbeatTimeout: '30 s',
    retry: { initialInterval: '1 s', backoffCoefficient: 1 },
  },
  /** Nothing is done late by it, so it waits for a worker as long as it takes. */
  wait: { ...waited, startToCloseTimeout: '10 s', retry: { initialInterval: '1 s', maximumInterval: '10 s' } },
  /** People and files; retried for long, never fails a rollout. */
  tell: {
    startToCloseTimeout: '30 s',
    scheduleToCloseTimeout: '30 minutes',
    retry: { initialInterval: '1 s', maximumInterval: '1 minute' },
  },
} satisfies Record<string, ActivityOptions>;

export type Policy = keyof typeof policies;

/** Every activity that a workflow can call. */
export type Activities = EnvironmentActivities & GateActivities & ControlActivities;

/** One for each; there is no default, so that an activity which nobody has sorted in does not compile. */
export type PolicyOfEach = Readonly<Record<keyof Activities, Policy>>;

export const policyOf: PolicyOfEach = {
  takesTasks: 'wait',

  checkServer: 'read',
  checkStructure: 'read',
  classifyRows: 'read',
  captureDefinitions: 'read',
  checkQueries: 'read',
  checkCache: 'read',
  checkLog: 'read',
  checkApplication: 'read',
  checkTools: 'read',
  captureBaseline: 'read',
  takeSample: 'read',
  probe: 'read',
  verifyDropped: 'read',
  countIndexUse: 'read',
  proveNothingStale: 'read',
  rehearseOnCopy: 'read',
  observeState: 'read',
  assessRollback: 'read',
  watch: 'watch',

  noteHold: 'read',
  backup: 'change',
  proveBackup: 'change',
  setMaintenance: 'change',
  flushCache: 'change',
  deploy: 'change',
  loadTest: 'change',
  finalCopy: 'change',
  destroyBackups: 'change',
  sealNewKeys: 'change',
  refillRemoved: 'change',
  freeze: 'ddl',
  hide: 'ddl',
  unhide: 'ddl',
  drop: 'ddl',
  undoRemoval: 'ddl',
  restoreRemoved: 'ddl',
  finishRestore: 'ddl',
  endWriteGuard: 'ddl',

  openGate: 'change',
  verifyCodes: 'read',
  verifyYield: 'read',
  closeGate: 'read',
  findWindow: 'read',
  remind: 'tell',
  showRequest: 'tell',

  loadPlan: 'read',
  loadRollback: 'read',
  acquireTarget: 'read',
  releaseTarget: 'tell',
  publishStatus: 'tell',
  announce: 'tell',
  checkChannels: 'read',
  handOver: 'tell',
  deliver: 'tell',
  writeReport: 'tell',
  startAftercare: 'tell',
  startRollback: 'tell',
};
