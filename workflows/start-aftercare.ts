import type { Loaded } from '../contract/steps';
import { control } from './activities';
import type { Journal } from './journal';

/** A workflow of its own, so that the target is free again while a week of looking goes on. */
export async function startAftercare(journal: Journal, { plan, target }: Loaded): Promise<void> {
  const { watch, log, probes, durations, name } = plan;
  const { message } = journal.bulletin;
  const rollout = journal.facts.run.workflowId;
  await journal.step(
    'aftercare',
    () =>
      control.startAftercare({
        ...{ target, watch, log, probes, rollout, planName: name, durations },
        ...(message && { message }),
      }),
    { note: ({ workflowId }) => `${workflowId} looks for ${durations.aftercareDaily}` },
  );
}
