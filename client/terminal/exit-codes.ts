import type { Outcome } from '../../contract/run/outcome';

/** What scripts read. Words that look (`status`, `why`, `report`) or wait end with the code of the rollout itself. */
export const exitCodes = {
  done: 0,
  failed: 1,
  /** Also a configuration that can't be used. */
  usage: 2,
  /** Refused, rejected, expired, stopped, aborted or rolled back. */
  refused: 3,
  /** Temporal does not let this client do that. */
  notAllowed: 4,
  /** The rollout has not ended, or a message has no answer yet. */
  waiting: 5,
  /** The rollout goes on. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** `undefined` = it has not ended. */
export function exitCodeOf(outcome: Outcome | undefined): ExitCode {
  switch (outcome) {
    case undefined:
      return exitCodes.waiting;
    case 'done':
    case 'preflight-only':
    case 'staging-only':
      return exitCodes.done;
    case 'stopped':
    case 'rejected':
    case 'expired':
    case 'aborted':
    case 'rolled-back':
      return exitCodes.refused;
  }
}
