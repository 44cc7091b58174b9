import { asyncLocalStorage } from '@temporalio/activity';

/** Between two beats; half of the shortest heartbeat time-out of an activity that uses them, and far below the others. */
const beatEveryMs = 1_000;

/**
 * Tells Temporal that this attempt lives, and with which progress: the next attempt finds the last `details` given.
 * Outside of an activity (a test that calls it as a plain function) nothing happens.
 */
export function heartbeat(details?: unknown): void {
  asyncLocalStorage.getStore()?.heartbeat(details);
}

/** Progress that the last attempt left behind; undefined in the first one. */
export function lastHeartbeat<Details>(): Details | undefined {
  return asyncLocalStorage.getStore()?.info.heartbeatDetails as Details | undefined;
}

/**
 * Aborted when the workflow cancels this activity or the worker stops. Arrives only through heartbeats. Its reason is
 * Temporal's `CancelledFailure`: thrown on as it is, the attempt ends as cancelled.
 */
export function cancellation(): AbortSignal {
  return asyncLocalStorage.getStore()?.cancellationSignal ?? new AbortController().signal;
}

/**
 * Beats once a second while `work` runs, so that a dead worker is noticed long before the activity's own limit.
 *
 * @param details what each beat carries, asked for anew; without it the progress that an earlier attempt left is kept
 */
export async function withHeartbeat<T>(
  work: (signal: AbortSignal) => Promise<T>,
  details: () => unknown = lastHeartbeat,
): Promise<T> {
  const signal = cancellation();
  signal.throwIfAborted();
  heartbeat(details());
  const beats = setInterval(() => heartbeat(details()), beatEveryMs);
  try {
    return await work(signal);
  } finally {
    clearInterval(beats);
  }
}
