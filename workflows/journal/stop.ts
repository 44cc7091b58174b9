import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/common';
import type { FailureType } from '../../contract/run/failures';
import type { Outcome } from '../../contract/run/outcome';

/** An ending that is no fault: the rollout completes with this outcome. Never reaches Temporal. */
export class Stop extends Error {
  constructor(
    readonly outcome: Outcome,
    readonly because: string,
  ) {
    super(because);
    this.name = 'Stop';
  }
}

/** What was asked for is worth nothing any more: it is asked again where somebody catches this, and ends as expired elsewhere. */
export class AskAgain extends Stop {
  constructor(because: string) {
    super('expired', because);
  }
}

/** An expiry that asking again would not help: an approval of today ends too early, too. */
export class AskingIsNoUse extends Stop {
  constructor(because: string) {
    super('expired', because);
  }
}

/** Nobody took the task from its queue in time: a worker of that role is missing. Nothing was done. */
export const noWorkerCame = (error: unknown): error is ActivityFailure =>
  error instanceof ActivityFailure &&
  error.cause instanceof TimeoutFailure &&
  error.cause.timeoutType === 'SCHEDULE_TO_START';

/**
 * The worker died or was shut down in the middle. What it did is unknown, so whoever goes on looks first; every `change`
 * activity does so by itself, which is why the journal may simply schedule it again.
 */
export const workerWasLost = (error: unknown): boolean =>
  error instanceof ActivityFailure &&
  ((error.cause instanceof TimeoutFailure && error.cause.timeoutType === 'HEARTBEAT') ||
    (error.cause instanceof ApplicationFailure && error.cause.type === 'WorkerShutdown') ||
    error.cause instanceof CancelledFailure);

/** The type of a permanent failure that an activity threw, if it is one of ours. */
export const failureType = (error: unknown): FailureType | undefined =>
  error instanceof ActivityFailure && error.cause instanceof ApplicationFailure
    ? ((error.cause.type ?? undefined) as FailureType | undefined)
    : undefined;

/** What a person reads of a failed activity: its own message, without Temporal's wrapping. */
export function failureLine(error: unknown): string {
  if (!(error instanceof ActivityFailure)) return error instanceof Error ? error.message : String(error);
  const { cause } = error;
  if (cause instanceof TimeoutFailure) {
    return `${error.activityType}: expected an answer within its time-out, found none (${(cause.timeoutType ?? 'timed out').toLowerCase()})`;
  }
  return cause?.message ?? error.message;
}
