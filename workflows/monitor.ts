import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { readableDuration, toMs } from '../contract/duration';
import type { Sample, SamplePosition, WatchSummary } from '../contract/samples';
import type { Loaded } from '../contract/steps';
import { environment } from './activities';
import type { Journal } from './journal';
import { sampleFindings } from './sample-findings';

/** One activity watches for so long: many samples for few events, and little is lost when it is cancelled. */
const slice = 5 * 60_000;

/** Watches production. Not healthy or not seen → a question, never a rollback by itself. A retry starts it again. */
export async function monitor(journal: Journal, loaded: Loaded): Promise<void> {
  const { monitor: whole } = loaded.plan.durations;
  journal.enter('monitor');
  await journal.step('production: monitor', () => watchFor(journal, loaded, toMs(whole)), {
    judge: ({ last }) => sampleFindings(last),
    acceptable: true,
    note: ({ summary }) => `${summary.samples} samples, ${summary.green} green, ${summary.requests} requests seen`,
  });
  journal.waitFor(undefined);
}

interface Watched {
  summary: WatchSummary;
  last: Sample;
}

async function watchFor(journal: Journal, loaded: Loaded, wholeMs: number): Promise<Watched> {
  let seen: Watched | undefined;
  let position: SamplePosition | undefined;
  let leftMs = wholeMs;
  while (leftMs > 0) {
    await journal.safePoint();
    journal.waitFor(waitingForMonitor(wholeMs - leftMs, wholeMs));
    const forMs = Math.min(slice, leftMs);
    const part = await watchPart(journal, loaded, forMs, position);
    if (part === undefined) continue; // interrupted: this part counts as nothing
    seen = { summary: seen === undefined ? part.summary : joined(seen.summary, part.summary), last: part.last };
    journal.facts.monitor = seen.summary;
    position = part.last.next;
    if (sampleFindings(part.last).length > 0) break;
    leftMs -= forMs;
  }
  if (seen === undefined) throw new Error('a monitor of no time at all'); // the plan's parser refuses it
  return seen;
}

/** Undefined when hold or yield ended it between two samples. */
async function watchPart(
  journal: Journal,
  { plan, target }: Loaded,
  forMs: number,
  position?: SamplePosition,
): Promise<Watched | undefined> {
  const { watch, log, probes, durations } = plan;
  const input = { target, watch, log, probes, every: durations.monitorEvery, forMs, ...(position && { position }) };
  const scope = new CancellationScope();
  let over = false;
  const stopper = condition(() => over || journal.interrupted).then(() => {
    if (!over) scope.cancel();
  });
  try {
    return await scope.run(() => journal.patiently('monitor', () => environment('production').watch(input)));
  } catch (error) {
    if (isCancellation(error) && journal.interrupted) return undefined;
    throw error;
  } finally {
    over = true;
    await stopper;
  }
}

/** Two summaries, one after the other. */
export function joined(a: WatchSummary, b: WatchSummary): WatchSummary {
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

const waitingForMonitor = (doneMs: number, wholeMs: number) => ({
  for: 'monitor',
  sentence: `the monitor of production: ${readableDuration(doneMs)} of ${readableDuration(wholeMs)}`,
  who: 'nobody: time alone',
  until: new Date(Date.now() + wholeMs - doneMs).toISOString(),
  then: 'it is announced as done, and aftercare starts',
  signals: [
    { name: 'hold' as const, input: { reason: '…' }, does: 'the watching stops' },
    { name: 'rollback' as const, input: { reason: '…' }, does: 'order the rollback, which asks for its own approval' },
  ],
});
