import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { Waiting } from '../../contract/run/waiting';
import type { EnvironmentName } from '../../contract/run/names';
import type { Sample, SamplePosition, WatchSummary } from '../../contract/run/samples';
import type { Loaded } from '../../contract/activities/loaded';
import { environment } from '../journal/activities';
import type { Journal } from '../journal/journal';
import { sampleFindings } from './sample-findings';

/** One activity watches for so long: many samples for few events, and little is lost when it is cancelled. */
const slice = 5 * 60_000;

/** What was seen, and the sample it ended with. */
export interface Watched {
  summary: WatchSummary;
  last: Sample;
}

/** Where and how long, and what a person reads meanwhile. */
export interface WatchOrder {
  name: EnvironmentName;
  /** Time that has to be seen; held time does not count. */
  wholeMs: number;
  /** Where the evidence begins: before the change that is watched, so that its first moments are seen too. */
  from: SamplePosition;
  /** What a person reads after so much of it. */
  waiting: (doneMs: number) => Waiting;
  /** Whether it is the trial of this run. Default no. */
  isTrial?: boolean;
  /** Hears of each part that was seen to its end. */
  seen: (summary: WatchSummary) => void;
}

/** Watches until the whole time was seen, or something was not healthy. Held time counts as nothing. */
export async function watchFor(
  journal: Journal,
  loaded: Loaded,
  { name, wholeMs, from, waiting, isTrial = false, seen: tell }: WatchOrder,
): Promise<Watched> {
  let seen: Watched | undefined;
  let position = from;
  let leftMs = wholeMs;
  while (leftMs > 0) {
    await journal.safePoint();
    journal.waitFor(waiting(wholeMs - leftMs));
    const forMs = Math.min(slice, leftMs);
    const part = await watchPart(journal, loaded, { name, forMs, position, isTrial });
    if (part === undefined) continue; // interrupted: this part counts as nothing
    seen = { summary: seen === undefined ? part.summary : joined(seen.summary, part.summary), last: part.last };
    tell(seen.summary);
    position = part.last.next;
    if (sampleFindings(part.last).length > 0) break;
    leftMs -= forMs;
  }
  journal.waitFor(undefined);
  if (seen === undefined) throw new Error('watching for no time at all'); // the plan's parser refuses it
  return seen;
}

/** Undefined when hold or yield ended it between two samples. */
async function watchPart(
  journal: Journal,
  { plan, planDigest, target }: Loaded,
  {
    name,
    forMs,
    position,
    isTrial,
  }: Pick<WatchOrder, 'name' | 'isTrial'> & { forMs: number; position: SamplePosition },
): Promise<Watched | undefined> {
  const input = {
    ...{ target, planDigest, every: plan.durations.monitorEvery, forMs, position },
    ...(isTrial && { trialOf: journal.facts.run }),
  };
  const scope = new CancellationScope();
  let over = false;
  const stopper = condition(() => over || journal.interrupted).then(
    () => over || scope.cancel(),
    () => undefined, // an abort has cancelled all of it; nobody waits for this one yet
  );
  try {
    return await scope.run(() => journal.patiently('watch', () => environment(name).watch(input)));
  } catch (error) {
    if (isCancellation(error) && journal.interrupted) return undefined;
    throw error;
  } finally {
    over = true;
    await stopper;
  }
}

/** How far it has come, and until when if it stays healthy. */
export const watching = (doneMs: number, wholeMs: number): { doneMs: number; wholeMs: number; until: string } => ({
  ...{ doneMs, wholeMs },
  until: new Date(Date.now() + wholeMs - doneMs).toISOString(),
});

/** Two summaries, one after the other. */
function joined(a: WatchSummary, b: WatchSummary): WatchSummary {
  const rules = [...new Set([...Object.keys(a.worst), ...Object.keys(b.worst)])];
  return {
    from: a.from,
    to: b.to,
    samples: a.samples + b.samples,
    green: a.green + b.green,
    red: a.red + b.red,
    missing: a.missing + b.missing,
    requests: a.requests + b.requests,
    worst: Object.fromEntries(rules.map((rule) => [rule, Math.max(a.worst[rule] ?? 0, b.worst[rule] ?? 0)])),
  };
}
