import { followCoverage, type CoverageFollower, type LogCoverage } from './coverage';
import type { LogLine } from './line';
import { scanLines } from './scan';
import { cursorAt, openSegments, type LogCursor, type LogSegment } from './segments';
import { findStart, inOrder, msOf, type LogStart } from './start';

/** Options of {@link readLog}. */
export interface ReadLogOptions {
  /** Path of the current file. Rotated ones are looked for beside it. */
  file: string;
  /** Continue where this one stopped. */
  cursor?: LogCursor | undefined;
  /** Without a cursor: since when (ISO). Without either: from the start of the current file. */
  sinceAt?: string | undefined;
  /** Most bytes to read in one call; what is beyond is a gap. Default 16 GiB. */
  maxBytes?: number | undefined;
  /** The longest time without a line that is not suspicious. Default 10 minutes. */
  maxSilenceMs?: number | undefined;
  /** The clock by which silence at the end is judged; the log's own kind of clock, never a workflow's. */
  nowMs?: number | undefined;
  /** Called for each complete line of the asked time, in order. */
  onLine: (line: LogLine) => void;
  /** Called at least once a MiB. */
  onProgress?: ((progress: { bytesRead: number }) => void) | undefined;
  /** Ends the reading; its reason is thrown. */
  signal?: AbortSignal | undefined;
}

/** How far a log was read, and which time that covers. */
export interface LogRead {
  /** Absent if there is no file. */
  cursor?: LogCursor;
  coverage: LogCoverage;
  /** In this call, over all files. */
  bytesRead: number;
}

/**
 * Reads an application's log, JSON lines mixed with plain ones, since a cursor or an instant, across rotation. What it
 * could not read is a gap of the coverage, never an error and never "nothing happened". Constant memory.
 */
export async function readLog(options: ReadLogOptions): Promise<LogRead> {
  const nowMs = options.nowMs ?? Date.now();
  const maxSilenceMs = options.maxSilenceMs ?? 600_000;
  const lastMs = msOf(options.cursor?.lastAt);
  const fromMs = options.cursor === undefined ? msOf(options.sinceAt) : lastMs;
  const coverage = followCoverage(maxSilenceMs, fromMs, lastMs);
  let segments: LogSegment[];
  try {
    segments = await inOrder(await openSegments(options.file));
  } catch {
    coverage.gap('unreadable', fromMs, nowMs);
    return { coverage: coverage.close(nowMs), bytesRead: 0, ...(options.cursor && { cursor: options.cursor }) };
  }
  try {
    const start = await findStart(segments, { cursor: options.cursor, sinceMs: fromMs, maxSilenceMs }, coverage);
    if (start !== undefined) return await readFrom({ segments, start }, coverage, { ...options, nowMs });
    coverage.gap('missing', fromMs, nowMs);
    return { coverage: coverage.close(nowMs), bytesRead: 0, ...(options.cursor && { cursor: options.cursor }) };
  } finally {
    await Promise.all(segments.map(({ handle }) => handle.close()));
  }
}

async function readFrom(
  { segments, start }: { segments: LogSegment[]; start: LogStart },
  coverage: CoverageFollower,
  { maxBytes = 2 ** 34, cursor, sinceAt, nowMs, onLine, onProgress, signal }: ReadLogOptions & { nowMs: number },
): Promise<LogRead> {
  const sinceMs = cursor === undefined ? (msOf(sinceAt) ?? -Infinity) : -Infinity;
  let bytesRead = 0;
  let overlongLines = 0;
  let inTime = cursor !== undefined || sinceAt === undefined;
  let lineCount = 0;
  let end = start;
  for (const [index, segment] of segments.entries()) {
    if (index < start.index || bytesRead >= maxBytes) continue;
    // After a rotation the application writes to the old file until it opens the new one.
    if (index > start.index && segment.sizeBytes === 0) continue;
    const from = index === start.index ? start.offset : 0;
    const to = Math.min(segment.sizeBytes, from + maxBytes - bytesRead);
    const before = bytesRead;
    const onChunk = (bytes: number): void => onProgress?.({ bytesRead: before + bytes });
    const scanned = await scanLines(segment, { from, to, signal, onChunk }, (line) => {
      lineCount += 1;
      if (line.atMs !== undefined) inTime = line.atMs >= sinceMs;
      if (line.atMs !== undefined) coverage.see(line.atMs);
      if (inTime) onLine(line);
    });
    bytesRead += scanned.bytesRead;
    overlongLines += scanned.overlongLines;
    end = { index, offset: scanned.offset };
    if (to < segment.sizeBytes) coverage.gap('cut', coverage.lastMs(), nowMs);
  }
  if (overlongLines > 0) coverage.gap('overlong-lines');
  if (coverage.lastMs() === undefined) coverage.gap(lineCount === 0 ? 'empty' : 'no-instants');
  const segment = segments[end.index];
  const next = segment && (await cursorAt(segment, end.offset, coverage.lastMs()));
  return { coverage: coverage.close(nowMs), bytesRead, ...(next && { cursor: next }) };
}
