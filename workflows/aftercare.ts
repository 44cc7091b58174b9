import { ActivityFailure } from '@temporalio/common';
import { defineQuery, setCurrentDetails, setHandler, sleep } from '@temporalio/workflow';
import { toMs } from '../contract/text/duration';
import { readableInstant } from '../contract/text/instant';
import { assess } from '../contract/run/samples';
import type { EventData, EventType } from '../contract/run/run-event';
import type { SamplePosition } from '../contract/run/samples';
import type { AftercareInput, AftercareSeen } from '../contract/activities/aftercare';
import { control, environment } from './journal/activities';
import { destroyBackups } from './steps/destroy-backups';
import { eventOf } from './journal/events';
import { thisRun } from './journal/record';
import { failureLine } from './journal/stop';

const seenQuery = defineQuery<AftercareSeen>('seen');

/**
 * Looks at production hourly for a day, then daily for a week; says what it sees, changes nothing. Then waits for the
 * date at which the rollout's backups and final copies are destroyed.
 */
export async function aftercare(input: AftercareInput): Promise<AftercareSeen> {
  const { looks, planName, destroyAt } = input;
  const seen: AftercareSeen = { looks: 0, notGreen: [], looking: looks !== undefined, destroyAt, destructions: {} };
  setHandler(seenQuery, () => seen, { description: 'What was seen so far, and what became of the backups.' });
  if (looks !== undefined) {
    await lookAfter(input, looks, seen);
    seen.looking = false;
    const line = `Aftercare of ${planName} has ended: ${seen.looks} looks, ${seen.notGreen.length} not green`;
    await tell(input, 'end', line);
    await tellOthers(input, 'aftercare.ended', { text: line, data: {} });
  }
  show(input, seen);
  await destroyBackups(input, seen, async (key, text, data) => {
    await tell(input, key, text);
    await tellOthers(input, 'backups.due', { text, data });
  });
  show(input, seen);
  return seen;
}

async function lookAfter(
  input: AftercareInput,
  { durations, ...looks }: NonNullable<AftercareInput['looks']>,
  seen: AftercareSeen,
): Promise<void> {
  let position: SamplePosition | undefined;
  const phases = [
    { every: toMs(durations.aftercareHourlyEvery), until: toMs(durations.aftercareHourly) },
    { every: toMs(durations.aftercareDailyEvery), until: toMs(durations.aftercareDaily) },
  ];
  const begun = Date.now();
  for (const { every, until } of phases) {
    while (Date.now() - begun < until) {
      const soFar = `${seen.looks} so far, ${seen.notGreen.length} not green`;
      await sleep(every, { summary: `next look at production (${soFar})` });
      const found = await look({ target: input.run.target, ...looks }, position);
      position = found.position ?? position;
      seen.looks += 1;
      const { because } = found;
      if (because.length > 0) {
        const text = `Aftercare: ${because.join(' | ')}`;
        await tell(input, `look-${seen.looks}`, text);
        await tellOthers(input, 'aftercare.found', { text, data: { because } });
      }
      seen.notGreen = [...seen.notGreen, ...because].slice(0, 100);
      show(input, seen);
    }
  }
}

type TakeSample = ReturnType<typeof environment>['takeSample'];

/** What is not green, in words; a look that fails is not green either. */
async function look(
  watched: Parameters<TakeSample>[0],
  position: SamplePosition | undefined,
): Promise<{ because: string[]; position?: SamplePosition }> {
  try {
    const sample = await environment('production').takeSample({ ...watched, ...(position && { position }) });
    return { because: position === undefined ? sample.broken : assess(sample).because, position: sample.next };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { because: [failureLine(error)] };
  }
}

function show({ run, destroyAt }: AftercareInput, { looks, notGreen, looking, destructions }: AftercareSeen): void {
  const backups = Object.entries(destructions).map(([name, { destroyed }]) =>
    destroyed ? `backups of ${name} destroyed` : `backups of ${name} not destroyed yet`,
  );
  const parts = [
    ...(looking || looks > 0 ? [`${looks} looks, ${notGreen.length} not green`] : []),
    ...(backups.length > 0 ? backups : [`backups kept until ${readableInstant(destroyAt)}`]),
  ];
  setCurrentDetails(`Aftercare of ${run.workflowId}: ${parts.join('; ')}`);
}

/** Slack may be down for good; it goes on. */
async function tell({ run, message }: AftercareInput, key: string, text: string): Promise<void> {
  const own = thisRun(run.target);
  await control.announce({ run: own, key, text, ...(message && { message }) }).catch(() => undefined);
}

/** The same beyond Slack, as an event of the rollout. */
async function tellOthers<Type extends EventType>(
  { run, tells }: AftercareInput,
  type: Type,
  news: { text: string; data: EventData<Type> },
): Promise<void> {
  if (tells === undefined) return;
  const event = eventOf(tells, type, news);
  await control.handOver({ run: thisRun(run.target), event }).catch(() => undefined);
}
