import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { toMs } from '../../contract/text/duration';
import { assess, type Sample, type SamplePosition, type WatchSummary } from '../../contract/run/samples';
import type { FindEnvironment } from '../environment/environment';
import { heartbeat, lastHeartbeat, withHeartbeat } from '../environment/heartbeat';
import { firstLook } from './read-window';
import { takeSample } from './take-sample';
import { takeTrialSample } from './take-trial-sample';
import type { PerformOfPlan } from '../statements/of-known-plan';

/** What one attempt hands to the next one, by heartbeat details. */
interface WatchState {
  /** Where the next sample begins; its time is `every`, so the first attempt only opens it. */
  position?: SamplePosition;
  summary?: WatchSummary;
}

/**
 * Watches for a while: one sample an attempt, and between two attempts Temporal waits, so that an hour costs few events
 * and survives the worker. Guards against watching by the clock: samples are counted, and a missing one ends it.
 *
 * @returns after enough samples, or with the first one that is not green
 * @throws `NotYet`, benign: the next attempt follows after `every`
 */
export function createWatch({ environment }: { environment: FindEnvironment }): PerformOfPlan<'watch'> {
  return async ({ every, forMs, position: from, trialOf, ...watched }) => {
    const wanted = Math.max(1, Math.ceil(forMs / Math.max(1, toMs(every))));
    const last = lastHeartbeat<WatchState>();
    let state: WatchState = last ?? (from === undefined ? {} : { position: from });
    const look = async (position: SamplePosition | undefined, signal: AbortSignal): Promise<Sample> => {
      const session = { environment: environment(watched.target), signal };
      if (trialOf !== undefined) return takeTrialSample(session, { ...watched, position, every, trialOf });
      return takeSample(session, { ...watched, ...(position && { position }) });
    };
    return withHeartbeat(
      async (signal) => {
        if (last?.position === undefined && from !== undefined) throw notYet(0, wanted, every);
        const { position } = state;
        const sample = await look(position, signal);
        const isOpening = position === undefined && opens(sample);
        const summary = isOpening ? state.summary : addSample(state.summary, sample);
        if (summary !== undefined && !isOpening && (summary.green < summary.samples || summary.samples >= wanted)) {
          return { summary, last: sample };
        }
        state = { position: sample.next, ...(summary && { summary }) };
        heartbeat(state);
        throw notYet(summary?.samples ?? 0, wanted, every);
      },
      () => state,
    );
  };
}

/** A first look is no sample, but only if the next look can go on from it and nothing was wrong. */
const opens = ({ blind, broken, next }: Sample): boolean =>
  broken.length === 0 && blind.every((reason) => reason === firstLook) && next.canaries > 0;

/** Adds a sample to what was seen before. Pure. */
export function addSample(summary: WatchSummary | undefined, sample: Sample): WatchSummary {
  const { verdict } = assess(sample);
  const one = (isSo: boolean): number => (isSo ? 1 : 0);
  const worst = { ...summary?.worst };
  for (const { rule, value } of sample.readings) {
    if (value !== undefined) worst[rule] = Math.max(worst[rule] ?? value, value);
  }
  return {
    from: summary?.from ?? sample.at,
    to: sample.at,
    samples: (summary?.samples ?? 0) + 1,
    green: (summary?.green ?? 0) + one(verdict === 'green'),
    red: (summary?.red ?? 0) + one(verdict === 'red' || verdict === 'critical'),
    missing: (summary?.missing ?? 0) + one(verdict === 'missing'),
    requests: (summary?.requests ?? 0) + sample.requests,
    worst,
  };
}

const notYet = (samples: number, wanted: number, every: string): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'NotYet',
    message: `${samples} of ${wanted} samples, all healthy`,
    category: ApplicationFailureCategory.BENIGN,
    nextRetryDelay: toMs(every),
  });
