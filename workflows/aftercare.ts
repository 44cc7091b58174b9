import { ActivityFailure } from '@temporalio/common';
import { setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import { toMs } from '../contract/duration';
import { assess } from '../contract/samples';
import type { SamplePosition } from '../contract/samples';
import type { AftercareInput } from '../contract/steps';
import { control, environment } from './activities';
import { failureLine } from './stop';

/** Looks at production hourly for a day, then daily for a week; says what it sees, changes nothing. */
export async function aftercare(input: AftercareInput): Promise<{ looks: number; notGreen: string[] }> {
  const { durations } = input;
  const notGreen: string[] = [];
  let looks = 0;
  let position: SamplePosition | undefined;
  const phases = [
    { every: toMs(durations.aftercareHourlyEvery), until: toMs(durations.aftercareHourly) },
    { every: toMs(durations.aftercareDailyEvery), until: toMs(durations.aftercareDaily) },
  ];
  const begun = Date.now();
  for (const { every, until } of phases) {
    while (Date.now() - begun < until) {
      await sleep(every, { summary: `next look at production (${looks} so far, ${notGreen.length} not green)` });
      const seen = await look(input, position);
      position = seen.position ?? position;
      looks += 1;
      if (seen.because.length > 0) await tell(input, `look-${looks}`, `Aftercare: ${seen.because.join(' | ')}`);
      notGreen.push(...seen.because);
      setCurrentDetails(`Aftercare of ${input.rollout}: ${looks} looks, ${notGreen.length} not green`);
    }
  }
  await tell(input, 'end', `Aftercare of ${input.planName} has ended: ${looks} looks, ${notGreen.length} not green`);
  return { looks, notGreen: notGreen.slice(0, 100) };
}

/** What is not green, in words; a look that fails is not green either. */
async function look(
  { target, watch, log, probes }: AftercareInput,
  position: SamplePosition | undefined,
): Promise<{ because: string[]; position?: SamplePosition }> {
  try {
    const take = environment('production').takeSample;
    const sample = await take({ target, watch, log, probes, ...(position && { position }) });
    return { because: position === undefined ? sample.broken : assess(sample).because, position: sample.next };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { because: [failureLine(error)] };
  }
}

/** Slack may be down for good; looking goes on. */
async function tell({ target, message }: AftercareInput, key: string, text: string): Promise<void> {
  const { workflowId, runId } = workflowInfo();
  const run = { target, workflowId, firstRun: runId };
  await control.announce({ run, key, text, ...(message && { message }) }).catch(() => undefined);
}
