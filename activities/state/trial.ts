import type { PostgresClient } from '../../adapters/postgres/postgres';
import { permanent } from '../../contract/run/failures';
import type { Plan } from '../../contract/plan/plan';
import { wordFor } from '../../contract/plan/removals';
import type { Run } from '../../contract/run/decisions';
import { assess, type Sample, type SamplePosition } from '../../contract/run/samples';
import { readableDuration, toMs } from '../../contract/text/duration';
import { counted } from '../../contract/text/plain-text';
import {
  beginTrial,
  endTrial,
  keepTrial,
  noteSample,
  selectTrial,
  selectTrialPosition,
  type Trial,
  type TrialPosition,
} from '../../sql/trial';

/**
 * How long a run has what it removes out of sight, and how much of that was watched, is noted in the database by whoever hides and
 * takes samples: so the drop need not believe a workflow that says so.
 */

type OfRun = Pick<Run, 'workflowId' | 'firstRun'>;

/** In the transaction that hides, or finds it hidden already: then its time goes on. */
export async function noteHidden(client: PostgresClient, run: OfRun, wasHidden: boolean): Promise<void> {
  await client.query(wasHidden ? keepTrial : beginTrial, [run.workflowId, run.firstRun]);
}

/** In the transaction that puts it back. */
export async function noteOpened(client: PostgresClient, run: OfRun): Promise<void> {
  await client.query(endTrial, [run.workflowId, run.firstRun]);
}

/** Where this run's last sample ended; undefined before its first one, or while nothing is hidden. */
export async function lastPosition(client: PostgresClient, run: OfRun): Promise<SamplePosition | undefined> {
  const { rows } = await client.query<TrialPosition<SamplePosition>>(selectTrialPosition, [
    run.workflowId,
    run.firstRun,
  ]);
  return rows[0]?.position ?? undefined;
}

/** What a sample has seen of a run's trial; it stands for `every` at most. */
export async function noteTrialSample(
  client: PostgresClient,
  run: OfRun,
  { sample, every }: { sample: Sample; every: string },
): Promise<void> {
  const isGreen = assess(sample).verdict === 'green';
  await client.query(noteSample, [run.workflowId, run.firstRun, JSON.stringify(sample.next), toMs(every), isGreen]);
}

/**
 * That this run has tried to do without, for as long as the plan says, under what its samples have seen; of the time that they have
 * not seen, one may be missing.
 *
 * @throws `WrongState`
 */
export async function requireTried(client: PostgresClient, run: OfRun, plan: Plan): Promise<void> {
  const found = (await client.query<Trial>(selectTrial, [run.workflowId, run.firstRun])).rows[0];
  const lack = lackOf(found, plan.durations);
  if (lack === undefined) return;
  throw permanent(
    'WrongState',
    `expected the ${wordFor(plan)} tried without for ${readableDuration(toMs(plan.durations.trial))}, found ${lack}; nothing was changed; answer "abort" and start again: the trial is repeated`,
  );
}

function lackOf(found: Trial | undefined, { trial, monitorEvery }: Plan['durations']): string | undefined {
  if (found === undefined) return 'no trial of this run';
  if (found.unhealthy > 0) return `${counted(found.unhealthy, 'sample')} not healthy`;
  if (found.hiddenMs < toMs(trial)) return `${readableDuration(found.hiddenMs)} so far`;
  if (found.seenMs < toMs(trial) - toMs(monitorEvery)) return `${readableDuration(found.seenMs)} of it watched`;
  return undefined;
}
