import { toMs } from '../../contract/text/duration';
import type { Waiting } from '../../contract/run/waiting';
import type { Finding } from '../../contract/run/findings';
import type { EnvironmentName } from '../../contract/run/names';
import { counted, readableSize } from '../../contract/text/plain-text';
import { isKeptByRow, traitsOf } from '../../contract/plan/removals';
import type { Loaded } from '../../contract/activities/loaded';
import type { CopyReceipt, FreezeReceipt } from '../../contract/run/receipts';
import type { IndexUse } from '../../contract/run/observed-state';
import type { Sample, SamplePosition, WatchSummary } from '../../contract/run/samples';
import { environment } from '../journal/activities';
import { waitingForTrial } from '../../report/run/waiting';
import { classify, recheck } from './preflight';
import { effectOrder, type Where } from './effect-order';
import { indexFindings } from '../evidence/index-use';
import type { Journal } from '../journal/journal';
import { samplesLine } from './monitor';
import { putDataBack } from './undo-removal';
import { sampleFindings } from '../evidence/sample-findings';
import { watchFor, watching, type Watched } from '../evidence/watch-for';

/**
 * Takes the data out of use while it is still there: freeze, final copy, hide, trial. What does not succeed puts
 * everything back first and asks then, so nobody waits for an answer with a table that is half-way. A retry begins anew
 * with the freeze.
 *
 * @returns the final copy, without which nothing is dropped, and where the evidence of the trial ends
 */
export async function takeOutOfUse(
  journal: Journal,
  loaded: Loaded,
  where: Where,
): Promise<{ copyId?: string; seenTo: SamplePosition }> {
  const { of: name } = where;
  const { plan, planDigest, target } = loaded;
  const facts = journal.facts.environments[name];
  const at = environment(name);
  const order = effectOrder(journal, loaded, where);
  // Each needs the one before it; what is done is not done again.
  const frozen = async (): Promise<FreezeReceipt> => (facts.freeze ??= await at.freeze(order));
  const copied = async (): Promise<CopyReceipt> =>
    (facts.copy ??= await at.finalCopy({ ...order, freeze: (await frozen()).id }));
  let before: Before | undefined;
  const { hasValues: hasCopy } = traitsOf(plan);
  const hidden = async (): Promise<Before> => {
    const copy = hasCopy ? { copy: (await copied()).id } : {};
    if (before === undefined || facts.hide === undefined) {
      const from = (await lookBefore(loaded, name)).next;
      facts.hide = await at.hide({ ...order, ...copy });
      before = { from, indexes: await at.countIndexUse({ target, planDigest }) };
    }
    return before;
  };
  const undo = (): Promise<void> => putDataBack(journal, loaded, name);

  await journal.step({ name: 'recheck', of: name }, () => recheck(journal, loaded, name), { judge: itself });
  if (hasCopy) await freezeAndCopy();
  await journal.step({ name: 'hide', of: name }, () => hidden().then(() => probe(loaded, name)), {
    ...{ undo, judge: itself },
    note: () => `hidden, probes pass${traitsOf(plan).isInDatabase ? `; ${heldFor(facts.hide?.heldMs ?? 0)}` : ''}`,
  });
  const { last } = await trial(journal, loaded, { of: name, hidden, undo });
  return { ...(hasCopy && { copyId: (await copied()).id }), seenTo: last.next }; // a retry has made another copy

  async function freezeAndCopy(): Promise<void> {
    await journal.step({ name: 'freeze', of: name }, frozen, {
      undo,
      note: ({ heldMs, placeholders }) => `writes blocked; ${heldFor(heldMs)}${takenBack(placeholders)}`,
    });
    await journal.step(
      { name: 'recount', of: name },
      () => frozen().then(() => classify(journal, loaded, { of: name, newReleaseServes: true })),
      {
        ...{ undo, judge: itself },
      },
    );
    await journal.step({ name: 'finalCopy', of: name }, copied, {
      undo,
      note: ({ pairs, sizeBytes }) =>
        `${counted(pairs, kept(plan))}, ${readableSize(sizeBytes)}, encrypted and read back`,
    });
  }
}

/** What the trial is compared with. */
interface Before {
  /** Where the log ended before the columns were hidden: what follows is the trial's. */
  from: SamplePosition;
  indexes: IndexUse[];
}

interface Trial {
  of: EnvironmentName;
  /** Hides it, if it is not hidden. */
  hidden: () => Promise<Before>;
  undo: () => Promise<void>;
}

/** Real traffic without the data. Red, or not seen, puts it back by itself; then it asks. */
async function trial(journal: Journal, loaded: Loaded, { of: name, hidden, undo }: Trial): Promise<Watched> {
  const { target, plan, planDigest } = loaded;
  const wholeMs = toMs(plan.durations.trial);
  if (name === 'production') journal.enter('trial');
  const waiting = (doneMs: number): Waiting => waitingForTrial(name, watching(doneMs, wholeMs));
  const seen = (summary: WatchSummary): void => void (name === 'production' && (journal.facts.trial = summary));
  const watch = async (): Promise<Watched & { used: Finding[] }> => {
    const { from, indexes } = await hidden();
    const watched = await watchFor(journal, loaded, { name, wholeMs, from, waiting, isTrial: true, seen });
    const now = await environment(name).countIndexUse({ target, planDigest });
    return { ...watched, used: indexFindings(indexes, now) };
  };
  return journal.step({ name: 'trial', of: name }, watch, {
    undo,
    judge: ({ last, used }) => [...sampleFindings(last), ...used],
    note: ({ summary }) => samplesLine(summary),
  });
}

const lookBefore = ({ planDigest, target }: Loaded, name: EnvironmentName): Promise<Sample> =>
  environment(name).takeSample({ target, planDigest });

async function probe({ planDigest, target }: Loaded, name: EnvironmentName): Promise<Finding[]> {
  const at = environment(name);
  const stale = await at.proveNothingStale({ target, planDigest });
  return [...stale, ...(await at.probe({ target, planDigest, serves: 'to' }))];
}

const kept = (plan: Loaded['plan']): string => (isKeptByRow(plan) ? traitsOf(plan).savedUnit : 'owner');

const itself = (findings: Finding[]): Finding[] => findings;
const takenBack = (placeholders = 0): string =>
  placeholders === 0
    ? ''
    : `; ${counted(placeholders, 'unusable placeholder')} of an earlier rollback set to null again`;
const heldFor = (heldMs: number): string => `lock held ${heldMs} ms`;
