import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import { ActivityFailure } from '@temporalio/common';
import { environments, taskQueues } from '../../contract/run/names';
import type { EnvironmentName } from '../../contract/run/names';
import type { ControlActivities, EnvironmentActivities, GateActivities } from '../../contract/run/steps';
import { activitySummary } from './activity-summary';

/**
 * Three kinds of activities, so that the retry policy follows from the kind of step. `WAIT_CANCELLATION_COMPLETED` is
 * set on purpose: left unset the SDK does not wait, whatever its typings say.
 */
const waited = { cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED } as const;

/** No worker within this time: the journal says so, waits for one, and schedules again: nothing ever starts hours late. */
const scheduleToStartTimeout = '60 s';

const kinds = {
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

type Kind = keyof typeof kinds;
type AnyActivities = Record<string, (input: unknown) => Promise<unknown>>;

/** Calls that carry what they do as the summary, since that is what the timeline of Temporal UI shows. */
function summarised<T extends object>(queue: string, label: string, kindOf: (name: string) => Kind): T {
  return new Proxy({} as T, {
    get: (_, name) => (input: unknown) => {
      const kind = kindOf(String(name));
      const options: ActivityOptions = { ...kinds[kind], taskQueue: queue };
      const { [String(name)]: call } = proxyActivities<AnyActivities>(options);
      const summary = activitySummary(label, String(name), input);
      return call?.executeWithOptions({ ...options, summary }, [input]).catch(namingQueue(queue));
    },
  });
}

/** Whoever waits for a worker has to know of which queue; Temporal's failure does not say it. */
const namingQueue =
  (queue: string) =>
  (error: unknown): never => {
    if (error instanceof ActivityFailure) queues.set(error, queue);
    throw error;
  };

const queues = new WeakMap<ActivityFailure, string>();

/** Of the worker that did not come. */
export const roleOf = (failed: ActivityFailure): EnvironmentName | undefined =>
  environments.find((each) => taskQueues[each] === queues.get(failed));

/** Done as soon as a worker takes tasks from the queue on which this one failed. */
export async function workerFor(failed: ActivityFailure): Promise<void> {
  const name = roleOf(failed);
  if (name !== undefined) await environment(name).takesTasks({});
}

const changes: ReadonlySet<string> = new Set<keyof EnvironmentActivities | keyof GateActivities>([
  'backup',
  'proveBackup',
  'setMaintenance',
  'flushCache',
  'deploy',
  'loadTest',
  'finalCopy',
  'destroyBackups',
  'fillColumns',
  'sealNewKeys',
  'openGate',
]);
const ddl: ReadonlySet<string> = new Set<keyof EnvironmentActivities>([
  'freeze',
  'hide',
  'unhide',
  'putBack',
  'drop',
  'restoreColumns',
  'finishRestore',
  'endGuard',
]);

const environmentKind = (name: string): Kind => {
  if (name === 'watch') return 'watch';
  if (name === 'takesTasks') return 'wait';
  if (name === 'remind') return 'tell';
  if (ddl.has(name)) return 'ddl';
  return changes.has(name) ? 'change' : 'read';
};

const controlReads: ReadonlySet<string> = new Set<keyof ControlActivities>([
  'loadPlan',
  'loadRollback',
  'acquireTarget',
]);

/** The steps of one environment, served by the workers of its role. */
export const environment = (name: EnvironmentName): EnvironmentActivities =>
  summarised(taskQueues[name], `${name}: `, environmentKind);

/** Challenges and codes: only the production worker has them. */
export const gates: GateActivities = summarised(taskQueues.production, 'production: ', environmentKind);

/** Plans, lock, announcements, report. */
export const control: ControlActivities = summarised(taskQueues.control, '', (name) =>
  controlReads.has(name) ? 'read' : 'tell',
);
