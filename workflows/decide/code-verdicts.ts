import { ActivityFailure } from '@temporalio/common';
import type { CodeVerdict, OpenGate } from '../../contract/run/decisions';
import { gates } from '../journal/activities';
import type { Journal } from '../journal/journal';
import { failureLine } from '../journal/stop';

/** Codes are verified by the production worker alone; waits for one as long as it takes. */
export async function codeVerdicts(journal: Journal, opened: OpenGate, codes: string[]): Promise<CodeVerdict[]> {
  try {
    return await journal.patiently('votes', () => gates.verifyCodes({ gate: opened, codes }));
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const refused = `could not be verified (${failureLine(error)}); send it again`;
    return codes.map(() => ({ refused }));
  }
}
