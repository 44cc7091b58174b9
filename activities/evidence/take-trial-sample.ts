import type { Run } from '../../contract/run/decisions';
import type { Sample, SamplePosition } from '../../contract/run/samples';
import { withDatabase } from '../environment/database';
import type { Session } from '../environment/session';
import type { OfKnownPlan } from '../statements/of-known-plan';
import { lastPosition, noteTrialSample } from '../state/trial';
import { takeSample } from './take-sample';

interface OfTrial {
  trialOf: Run;
  /** Where the first one begins. */
  position: SamplePosition | undefined;
  every: string;
}

/**
 * A sample of a run's trial. It begins where the one before it has ended, as this worker has noted it, so that no caller can leave out
 * what went wrong in between.
 */
export async function takeTrialSample(
  session: Omit<Session, 'client'>,
  { trialOf: run, position, every, ...watched }: OfTrial & Omit<OfKnownPlan<'takeSample'>, 'target' | 'position'>,
): Promise<Sample> {
  const { environment } = session;
  const from = (await withDatabase(environment, 'trial', (client) => lastPosition(client, run))) ?? position;
  const sample = await takeSample(session, { ...watched, ...(from && { position: from }) });
  await withDatabase(environment, 'trial', (client) => noteTrialSample(client, run, { sample, every }));
  return sample;
}
