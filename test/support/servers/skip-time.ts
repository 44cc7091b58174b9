import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';

/** `FAST_FORWARD_POLLING_RESULT_FAST_FORWARD_COMPLETED` */
const completed = 2;

/** Lets the server pass over idle time of one workflow, and waits until it has. */
export async function skipTime(
  { client, namespace }: { client: Client; namespace: string },
  workflowId: string,
  seconds: number,
): Promise<void> {
  const { workflowService } = client.connection as unknown as { workflowService: Service };
  const id = randomUUID();
  const place = { namespace, workflowExecution: { workflowId } };
  await workflowService.updateWorkflowExecutionOptions({
    ...place,
    updateMask: { paths: ['time_skipping_config'] },
    workflowExecutionOptions: {
      timeSkippingConfig: { enabled: true, fastForwardConfig: { id, duration: { seconds } } },
    },
  });
  const limitAt = Date.now() + 120_000;
  for (;;) {
    const polled = await workflowService.pollWorkflowExecutionTimeSkipping({ ...place, fastForwardId: id });
    if (polled.fastForwardPollingResult === completed) return;
    if (polled.failedReason || Date.now() > limitAt)
      throw new Error(`${seconds} s not skipped: ${polled.failedReason}`);
  }
}

interface Service {
  updateWorkflowExecutionOptions(request: object): Promise<unknown>;
  /** A long poll: after 20 s or so it answers that it is not there yet. */
  pollWorkflowExecutionTimeSkipping(
    request: object,
  ): Promise<{ fastForwardPollingResult: number; failedReason: string }>;
}
