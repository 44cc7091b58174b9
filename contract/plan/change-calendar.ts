import { readableInstant } from '../text/instant';
import { spanOf, type ChangeFreeze } from './change-freeze';
import { openSpans, type ChangeWindow } from './change-window';
import { dayMs, type Span } from './time-zone';

/** When the policy lets production be changed: in one of its windows, and in none of its freezes. Absent = at any time. */
export interface ChangeCalendar {
  windows?: readonly ChangeWindow[] | undefined;
  freezes?: readonly ChangeFreeze[] | undefined;
}

/** All that a week's windows and the clocks can do to each other comes within a year. */
const yearMs = 54 * 7 * dayMs;

/** Whether anything of it restricts when production is changed. */
export const restricts = ({ windows = [], freezes = [] }: ChangeCalendar): boolean =>
  windows.length > 0 || freezes.length > 0;

/** Whether production may be changed from this moment on for so long. */
export function isOpenFor(calendar: ChangeCalendar, at: Date, needsMs: number): boolean {
  const opensAt = nextOpening(calendar, at, needsMs);
  return opensAt !== undefined && opensAt <= at;
}

/** The first instant, not before `at`, from which production may be changed for so long. Undefined: there is none. */
export function nextOpening(calendar: ChangeCalendar, at: Date, needsMs: number): Date | undefined {
  const neededMs = Math.max(1, needsMs);
  for (const free of freeSpans(calendar.freezes ?? [], at.getTime())) {
    const to = Math.min(free.to, free.from + yearMs + neededMs);
    for (const open of openSpans(calendar.windows ?? [], { from: free.from, to }))
      if (open.to - open.from >= neededMs) return new Date(open.from);
  }
  return undefined;
}

/** A freeze, and which time that is. */
export type DatedFreeze = ChangeFreeze & { span: Span };

/** For whoever is kept waiting by it. */
export const freezeText = ({ because, span }: DatedFreeze): string =>
  `a freeze from ${readable(span.from)} to ${readable(span.to)} (${because})`;

const readable = (at: number): string => readableInstant(new Date(at).toISOString());

/** The freeze that holds, or the first that is not over. */
export function nextFreeze(freezes: readonly ChangeFreeze[], at: Date): DatedFreeze | undefined {
  const ahead = freezes.map((freeze) => ({ ...freeze, span: spanOf(freeze) }));
  return ahead.filter(({ span }) => span.to > at.getTime()).sort((a, b) => a.span.from - b.span.from)[0];
}

/**
 * The longest that somebody has to wait for a window, in ms, whenever they begin to wait in the two weeks from then; freezes don't
 * count. Undefined: for ever.
 */
export function longestWaitMs(windows: readonly ChangeWindow[], at: Date, needsMs: number): number | undefined {
  const from = at.getTime();
  let longest: number | undefined;
  let last: number | undefined;
  for (const open of openSpans(windows, { from, to: from + 14 * dayMs + needsMs })) {
    if (open.to - open.from < Math.max(1, needsMs)) continue;
    longest = Math.max(longest ?? 0, last === undefined ? 0 : open.from - last);
    last = open.to - needsMs;
  }
  return longest;
}

/** What is left of all time to come when the freezes are taken out. */
function* freeSpans(freezes: readonly ChangeFreeze[], from: number): Generator<Span> {
  let free = from;
  for (const frozen of freezes.map(spanOf).sort((a, b) => a.from - b.from)) {
    if (frozen.to <= Math.max(free, frozen.from)) continue; // over, or all of it in an hour that the clocks skip
    if (frozen.from > free) yield { from: free, to: frozen.from };
    free = frozen.to;
  }
  yield { from: free, to: Number.POSITIVE_INFINITY };
}
