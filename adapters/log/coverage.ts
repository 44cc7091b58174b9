/**
 * Why a part of the log is not known. None of them means that nothing happened.
 * - `missing`, `unreadable`: no such file, or no permission
 * - `empty`: the file has no line; `no-instants`: no line of it says when
 * - `starts-late`: the log does not reach back to the asked instant
 * - `rotated`: the file is another one, and the old one was not found; `truncated`, `replaced`: its content was
 * - `silent`: longer without a line than an application under traffic is; `clock-ahead`: lines from the future
 * - `cut`: more than `maxBytes`; `overlong-lines`: lines of more than 1 MiB were passed over
 */
export type LogGapReason =
  | 'missing'
  | 'unreadable'
  | 'empty'
  | 'no-instants'
  | 'starts-late'
  | 'rotated'
  | 'truncated'
  | 'replaced'
  | 'silent'
  | 'clock-ahead'
  | 'cut'
  | 'overlong-lines';

/** A part of the log that is not known. */
export interface LogGap {
  reason: LogGapReason;
  /** ISO; absent = not known. */
  from?: string;
  /** ISO; absent = not known. */
  to?: string;
}

/** Which time the lines that were read stand for. */
export interface LogCoverage {
  /** ISO; absent = no time was asked for, and no line says when. */
  from?: string;
  /** ISO, of the latest line; absent = none since `from`. */
  to?: string;
  /** At most 20, the first ones. */
  gaps: LogGap[];
  /** No gap at all: only then "no such event" means that there was none. */
  complete: boolean;
}

const mostGaps = 20;
const tolerableAheadMs = 60_000;

/**
 * Follows the instants of a log and notes where it does not cover its time.
 * @param fromMs what is to be covered begins here, if known
 * @param lastMs the latest line known before that, if any
 */
export function followCoverage(maxSilenceMs: number, fromMs: number | undefined, lastMs: number | undefined) {
  const gaps: LogGap[] = [];
  let beginsMs = fromMs;

  const gap = (reason: LogGapReason, gapFromMs?: number, gapToMs?: number): void => {
    if (gaps.length < mostGaps) gaps.push({ reason, ...range(gapFromMs, gapToMs) });
  };
  const silentUntil = (atMs: number): void => {
    if (lastMs !== undefined && atMs - lastMs > maxSilenceMs) gap('silent', Math.max(lastMs, fromMs ?? lastMs), atMs);
  };

  return {
    gap,
    /** Takes a line's instant, in the order of the file. Lines before the time to cover only show that the log lived. */
    see(atMs: number): void {
      if (fromMs === undefined || atMs >= fromMs) silentUntil(atMs);
      beginsMs ??= atMs;
      if (lastMs === undefined || atMs > lastMs) lastMs = atMs;
    },
    /** The latest instant known, from the cursor or a line. */
    lastMs: () => lastMs,
    close(nowMs: number): LogCoverage {
      silentUntil(nowMs);
      if (lastMs !== undefined && lastMs - nowMs > tolerableAheadMs) gap('clock-ahead', nowMs, lastMs);
      const reached = beginsMs !== undefined && lastMs !== undefined && lastMs >= beginsMs ? lastMs : undefined;
      return { ...range(beginsMs, reached), gaps, complete: gaps.length === 0 };
    },
  };
}

/** Takes instants in the order of the file; `close` says what they cover. */
export type CoverageFollower = ReturnType<typeof followCoverage>;

const range = (fromMs?: number, toMs?: number): { from?: string; to?: string } => ({
  ...(fromMs === undefined ? {} : { from: new Date(fromMs).toISOString() }),
  ...(toMs === undefined ? {} : { to: new Date(toMs).toISOString() }),
});
