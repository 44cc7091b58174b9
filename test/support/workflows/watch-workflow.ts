import { proxyActivities } from '@temporalio/workflow';
import type { EnvironmentActivities } from '../../../contract/activities/environment-activities';

const { watch } = proxyActivities<EnvironmentActivities>({ startToCloseTimeout: '1 minute', heartbeatTimeout: '10 s' });

/** Watches once, as a rollout does; for the test of the attempts. */
export async function watchOnce(input: Parameters<typeof watch>[0]): ReturnType<typeof watch> {
  return watch(input);
}
