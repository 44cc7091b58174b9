import { ApplicationFailure } from '@temporalio/activity';

/** No receiver makes us wait for longer than this, whatever it says. */
const longestWaitMs = 3_600_000;

/** Tried again: after the time that the receiver wants, or as the activity's own retries say. */
export const later = (message: string, waitMs?: number): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'Delivery',
    message,
    ...(waitMs !== undefined && { nextRetryDelay: Math.min(waitMs, longestWaitMs) }),
  });

/** Not tried again: this event does not reach this receiver. */
export const never = (message: string): ApplicationFailure =>
  ApplicationFailure.create({ type: 'NotDelivered', message, nonRetryable: true });
