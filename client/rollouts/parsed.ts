import { ApplicationFailure } from '@temporalio/common';
import { usageError } from '../terminal/cli-error';

/** What an order's parser returns; its refusal, with all faults and an example, as a fault of usage. */
export function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof ApplicationFailure) throw usageError(error.message);
    throw error;
  }
}
