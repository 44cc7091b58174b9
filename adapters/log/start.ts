import type { CoverageFollower } from './coverage';
import { firstInstant, offsetOfInstant } from './scan';
import { compareToCursor, type LogCursor, type LogSegment } from './segments';

/** Where reading begins: in which of the files, and at which offset of it. */
export interface LogStart {
  /** In the list of segments, the oldest first. */
  index: number;
  /** In bytes, at the start of a line. */
  offset: number;
}

/** The files of a log from the oldest to the current one, by what their first lines say (times of files change by copying). */
export async function inOrder(segments: LogSegment[]): Promise<LogSegment[]> {
  if (segments.length < 2) return segments;
  const dated = await Promise.all(
    segments.map(async (segment) => ({ segment, firstMs: (await firstInstant(segment)) ?? segment.modifiedMs })),
  );
  dated.sort((a, b) => Number(a.segment.isCurrent) - Number(b.segment.isCurrent) || a.firstMs - b.firstMs);
  return dated.map(({ segment }) => segment);
}

/** Finds the start by cursor or instant, and notes as gaps what lies before it and cannot be had. */
export async function findStart(
  segments: LogSegment[],
  {
    cursor,
    sinceMs,
    maxSilenceMs,
  }: { cursor: LogCursor | undefined; sinceMs: number | undefined; maxSilenceMs: number },
  coverage: CoverageFollower,
): Promise<LogStart | undefined> {
  if (cursor !== undefined) return startAtCursor(segments, cursor, coverage);
  const current = startOfCurrent(segments);
  if (sinceMs === undefined) return current;
  let earliest: { index: number; atMs: number } | undefined;
  for (const [index, segment] of [...segments.entries()].reverse()) {
    const atMs = await firstInstant(segment);
    if (atMs === undefined) continue;
    if (atMs <= sinceMs) return { index, offset: await offsetOfInstant(segment, sinceMs) };
    if (earliest === undefined || atMs < earliest.atMs) earliest = { index, atMs };
  }
  if (earliest === undefined) return current;
  if (earliest.atMs - sinceMs > maxSilenceMs) coverage.gap('starts-late', sinceMs, earliest.atMs);
  return { index: earliest.index, offset: 0 };
}

async function startAtCursor(
  segments: LogSegment[],
  cursor: LogCursor,
  coverage: CoverageFollower,
): Promise<LogStart | undefined> {
  const index = segments.findIndex(({ device, inode }) => device === cursor.device && inode === cursor.inode);
  const segment = segments[index];
  const state = segment === undefined ? 'rotated' : await compareToCursor(segment, cursor);
  if (state === 'same') return { index, offset: cursor.offset };
  const current = startOfCurrent(segments);
  if (current !== undefined) coverage.gap(state, msOf(cursor.lastAt));
  return current;
}

function startOfCurrent(segments: LogSegment[]): LogStart | undefined {
  const index = segments.findIndex(({ isCurrent }) => isCurrent);
  return index === -1 ? undefined : { index, offset: 0 };
}

/**
 * Milliseconds of an ISO instant.
 *
 * @throws Error for a text that is none
 */
export function msOf(at: string | undefined): number | undefined {
  if (at === undefined) return undefined;
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) throw new Error(`expected an ISO instant, found ${JSON.stringify(at.slice(0, 40))}`);
  return ms;
}
