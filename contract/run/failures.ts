import { ApplicationFailure } from '@temporalio/common';

/**
 * The closed list of reasons for which somebody must act. Each entry: who throws it, when, and what the operator does.
 *
 * - `InvalidInput`: rollout and rollback, for an input or plan that can't be used. Start again with the corrected one.
 * - `TargetBusy`: taking the target, while another rollout holds it. Wait for it, or end that one.
 * - `WrongState`: an effect, when the environment is not what was approved (digest, revision, identity, state row).
 *   Nothing was changed. Find out who changed it.
 * - `NotDecided`: an effect in production without enough valid decisions. Nothing was changed.
 * - `BackupNotProven`: backup, proof and drop, when the backup is missing, damaged, or not the one that was proven.
 * - `ActionFailed`: a deploy or maintenance action, or one of a plan, when it or its check did not succeed within its limit.
 * - `NoOneNotified`: a gate of which no eligible person could be told.
 * - `LockNotAcquired`: the drop, after its bounded attempts to get the lock. Nothing was changed; blockers are named.
 * - `RefusedByServer`: an effect that PostgreSQL or Redis refused (rights, read-only, disk full). Nothing was changed.
 */
export const failureTypes = [
  'InvalidInput',
  'TargetBusy',
  'WrongState',
  'NotDecided',
  'BackupNotProven',
  'ActionFailed',
  'NoOneNotified',
  'LockNotAcquired',
  'RefusedByServer',
] as const;
export type FailureType = (typeof failureTypes)[number];

/** Whether it is one of these, made by {@link permanent}. */
export const isFailure = (error: unknown, type: FailureType): boolean =>
  error instanceof ApplicationFailure && error.type === type;

/** A failure that no retry can mend: Temporal gives up at once and the journal asks a person. */
export const permanent = (type: FailureType, message: string, details?: unknown): ApplicationFailure =>
  ApplicationFailure.create({ type, message, nonRetryable: true, details: details === undefined ? [] : [details] });
