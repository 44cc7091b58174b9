import { proxyActivities } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import { ActivityFailure } from '@temporalio/common';
import { environments, taskQueues } from '../../contract/run/names';
import type { EnvironmentName } from '../../contract/run/names';
import type { ControlActivities } from '../../contract/activities/control-activities';
import type { EnvironmentActivities } from '../../contract/activities/environment-activities';
import type { GateActivities } from '../../contract/activities/gate-activities';
import { resultIn } from './receipts';
import { activitySummary } from './activity-summary';
import { policies, policyOf, type Activities } from './policies';

type AnyActivities = Record<string, (input: unknown) => Promise<unknown>>;

/** Calls that carry what they do as the summary, since that is what the timeline of Temporal UI shows. */
function summarised<T extends object>(queue: string, label: string): T {
  return new Proxy({} as T, {
    get: (_, name) => (input: unknown) => {
      const options: ActivityOptions = { ...policies[policyOf[name as keyof Activities]], taskQueue: queue };
      const { [String(name)]: call } = proxyActivities<AnyActivities>(options);
      const summary = activitySummary(label, String(name), input);
      return call?.executeWithOptions({ ...options, summary }, [input]).then(resultIn, namingQueue(queue));
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

/** The steps of one environment, served by the workers of its role. */
export const environment = (name: EnvironmentName): EnvironmentActivities => summarised(taskQueues[name], `${name}: `);

/** Challenges and codes: only the production worker has them. */
export const gates: GateActivities = summarised(taskQueues.production, 'production: ');

/** Plans, lock, announcements, report. */
export const control: ControlActivities = summarised(taskQueues.control, '');
