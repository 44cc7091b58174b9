import { toMs } from '../../contract/text/duration';
import type { Waiting } from '../../contract/run/waiting';
import type { SamplePosition, WatchSummary } from '../../contract/run/samples';
import type { Loaded } from '../../contract/activities/loaded';
import { counted } from '../../contract/text/plain-text';
import { waitingForMonitor } from '../../report/run/waiting';
import type { Journal } from '../journal/journal';
import { sampleFindings } from '../evidence/sample-findings';
import { watchFor, watching } from '../evidence/watch-for';

/** Watches production. Not healthy or not seen → a question, never a rollback by itself. A retry starts it again. */
export async function monitor(journal: Journal, loaded: Loaded, from: SamplePosition): Promise<void> {
  const wholeMs = toMs(loaded.plan.durations.monitor);
  journal.enter('monitor');
  const seen = (summary: WatchSummary): void => void (journal.facts.monitor = summary);
  const waiting = (doneMs: number): Waiting => waitingForMonitor(watching(doneMs, wholeMs));
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
  `${counted(samples, 'sample')}, ${green} green, ${counted(requests, 'request')} seen`;
