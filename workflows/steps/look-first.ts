import type { RolloutOrder } from '../../contract/run/inputs';
import type { Loaded } from '../../contract/activities/loaded';
import type { Journal } from '../journal/journal';
import { compareDefinitions } from './compare-definitions';
import { checkChannels, preflight, preflightNote } from './preflight';

/** Preflight of both environments, read-only, before anything is touched. */
export async function lookFirst(
  journal: Journal,
  loaded: Loaded,
  { until }: RolloutOrder,
): Promise<{ carriesChange: boolean }> {
  const both = await journal.step(
    { name: 'preflight' },
    () =>
      Promise.all([
        preflight(journal, loaded, 'staging'),
        preflight(journal, loaded, 'production'),
        checkChannels(loaded),
      ]),
    {
      judge: ([staging, production, channels]) => [
        ...loaded.findings,
        ...channels.findings,
        ...staging.findings,
        ...production.findings,
        ...compareDefinitions(staging.definitions, production.definitions),
      ],
      onObstacle: 'stop',
      onDoubt: until === 'preflight' ? 'tell' : 'ask',
      note: (looks) => preflightNote(looks, journal.facts),
    },
  );
  return both[0];
}

/**
 * Production alone, before approval is requested again: what approvers read is counted anew. Staging carries the change by then, and its
 * soak has seen it since. What is in the way is asked about, since all of staging's proof is there.
 */
export async function lookAtProductionAgain(journal: Journal, loaded: Loaded): Promise<void> {
  await journal.step(
    { name: 'preflight' },
    () => Promise.all([preflight(journal, loaded, 'production'), checkChannels(loaded)]),
    {
      judge: (looks) => [...loaded.findings, ...looks.flatMap(({ findings }) => findings)],
      note: (looks) => preflightNote(looks, journal.facts),
    },
  );
}
