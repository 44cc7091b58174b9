import { ActivityFailure } from '@temporalio/common';
import type { Facts } from '../../contract/run/facts';
import { environment } from './activities';
import { lookUntilKnown } from './look-until-known';
import { failureLine } from './stop';

/** Whether effects of production could follow: from the gate on, until the drop. */
const canChange = ({ kind, gates, pastTheDrop }: Facts): boolean =>
  kind === 'rollout' && pastTheDrop !== true && gates.some(({ name }) => name === 'production');

/** Production's own worker refuses to change anything for a run on hold. Where it can't be told, the run stands still all the same. */
export async function noteHeld(facts: Facts, reason: string): Promise<void> {
  if (!canChange(facts)) return;
  try {
    await environment('production').noteHold({ run: facts.run, reason });
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    facts.warnings.push(`the hold is not noted in production: ${failureLine(error)}`);
  }
}

/** Before it goes on. */
export async function noteResumed(facts: Facts): Promise<void> {
  if (!canChange(facts)) return;
  await lookUntilKnown(() => environment('production').noteHold({ run: facts.run }), 'is the hold over?');
}
