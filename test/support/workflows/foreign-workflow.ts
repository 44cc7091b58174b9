import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { proxyActivities } from '@temporalio/workflow';

/** What became of one call. */
export type Called = { answer: unknown } | { refused: string; message: string };

/** Calls any activity of any queue, as whoever may write to the Temporal namespace can with a worker of their own. */
export async function callActivity({
  queue,
  name,
  input,
}: {
  queue: string;
  name: string;
  input: unknown;
}): Promise<Called> {
  const { [name]: call } = proxyActivities<Record<string, (input: unknown) => Promise<unknown>>>({
    ...{ taskQueue: queue, startToCloseTimeout: '1 minute', retry: { maximumAttempts: 1 } },
  });
  try {
    return { answer: await call?.(input) };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const { cause } = error;
    return {
      refused: cause instanceof ApplicationFailure ? (cause.type ?? '?') : 'failed',
      message: cause?.message ?? '',
    };
  }
}
