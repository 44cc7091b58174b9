import { readableDuration, toMs } from '../../contract/text/duration';
import type { Waiting } from '../../contract/run/facts';
import type { SamplePosition, WatchSummary } from '../../contract/run/samples';
import type { Loaded } from '../../contract/run/loaded';
import type { Journal } from '../journal/journal';
import { sampleFindings } from '../evidence/sample-findings';
import { watchFor } from '../evidence/watch-for';

/** Watches production. Not healthy or not seen → a question, never a rollback by itself. A retry starts it again. */
export async function monitor(journal: Journal, loaded: Loaded, from: SamplePosition): Promise<void> {
  const wholeMs = toMs(loaded.plan.durations.monitor);
  journal.enter('monitor');
  const seen = (summary: WatchSummary): void => void (journal.facts.monitor = summary);
  const waiting = (doneMs: number): Waiting => waitingForMonitor(doneMs, wholeMs);
  await journal.step(
    { name: 'monitor', of: 'production' },
    () => watchFor(journal, loaded, { name: 'production', wholeMs, from, waiting, seen }),
    {
      judge: ({ last }) => sampleFindings(last),
      acceptable: true,
      note: ({ summary }) => samplesLine(summary),
    },
  );
}

/** What was seen, for the report. */
export const samplesLine = ({ samples, green, requests }: WatchSummary): string =>
  `${samples} samples, ${green} green, ${requests} requests seen`;

const waitingForMonitor = (doneMs: number, wholeMs: number): Waiting => ({
  for: 'monitor',
  sentence: `the monitor of production: ${readableDuration(doneMs)} of ${readableDuration(wholeMs)}`,
  who: 'nobody: time alone',
  until: new Date(Date.now() + wholeMs - doneMs).toISOString(),
  then: 'it is announced as done, and aftercare starts',
  signals: [
    { name: 'hold', input: { reason: '…' }, does: 'the watching stops' },
    { name: 'rollback', input: { reason: '…' }, does: 'order the rollback, which asks for its own approval' },
  ],
});
