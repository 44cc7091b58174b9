import { ActivityFailure } from '@temporalio/common';
import { invalidInput } from '../../contract/run/inputs';
import { failureLine, failureType } from './stop';

/** What can't be loaded can't be run: its own message, without Temporal's wrapping. */
export function asInvalidInput(error: unknown): unknown {
  if (failureType(error) === 'InvalidInput' && error instanceof ActivityFailure) return error.cause;
  if (!(error instanceof ActivityFailure)) return error;
  const fault = { place: 'plan or settings', message: failureLine(error) };
  return invalidInput('run', [fault], { hint: 'fix the settings or the plan, then start it again' });
}
