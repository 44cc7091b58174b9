import type { Loaded } from '../../../contract/activities/loaded';
import type { Journal } from '../../../workflows/journal/journal';
import { failureLine } from '../../../workflows/journal/stop';
import { verify } from '../../../workflows/steps/change';

/** The step "verify" once, and what it fails with; of the journal only that it runs what it is given. */
export async function verifyOnce(loaded: Loaded): Promise<string> {
  const journal = { step: (_: unknown, perform: () => Promise<unknown>) => perform() } as unknown as Journal;
  return verify(journal, loaded, 'staging').then(() => 'verified', failureLine);
}
