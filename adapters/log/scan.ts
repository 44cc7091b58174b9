import { parseLogLine, type LogLine } from './line';
import { readBytes, type LogSegment } from './segments';

const chunkBytes = 1_048_576;
/** A longer line is passed over, and counted. */
const longestLineBytes = 1_048_576;

/** How far a scan came. */
export interface ScanResult {
  /** Just behind the last complete line. */
  offset: number;
  /** From `from` on, a half-written last line included. */
  bytesRead: number;
  /** Lines of more than 1 MiB; they were passed over. */
  overlongLines: number;
}

/** Which bytes of a file are scanned. */
export interface ScanOptions {
  /** First byte, counted from 0. */
  from: number;
  /** Not part of it. */
  to: number;
  /** Ends the scan; its reason is thrown. */
  signal?: AbortSignal | undefined;
  /** Called at least once a MiB. */
  onChunk?: (bytesRead: number) => void;
}

/** Calls back for each complete line of `[from, to)`, in constant memory; a half-written last line is left alone. */
export async function scanLines(
  segment: LogSegment,
  { from, to, signal, onChunk }: ScanOptions,
  onLine: (line: LogLine, offset: number) => boolean | void,
): Promise<ScanResult> {
  let rest = '';
  let restBytes = 0;
  let overlongLines = 0;
  let position = from;
  while (position < to) {
    signal?.throwIfAborted();
    const chunk = await readBytes(segment.handle, position, Math.min(chunkBytes, to - position));
    if (chunk.length === 0) break; // truncated while being read: the next call sees it
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      const lineOffset = position + start - restBytes;
      if (restBytes + end - start > longestLineBytes) overlongLines += 1;
      else if (onLine(parseLogLine(text(rest, chunk.subarray(start, end))), lineOffset) === false) {
        return { offset: lineOffset, bytesRead: position + start - from, overlongLines };
      }
      rest = '';
      restBytes = 0;
      start = end + 1;
    }
    restBytes += chunk.length - start;
    rest = restBytes > longestLineBytes ? '' : rest + chunk.toString('latin1', start);
    position += chunk.length;
    onChunk?.(position - from);
  }
  return { offset: position - restBytes, bytesRead: position - from, overlongLines };
}

/** `rest` is kept as latin1, one character a byte, so that a character cut by a chunk's border stays whole. */
const text = (rest: string, end: Buffer): string =>
  rest === '' ? end.toString('utf8') : Buffer.from(rest + end.toString('latin1'), 'latin1').toString('utf8');

/** The instant of the first line at or behind an offset that has one, and that line's offset. */
async function instantFrom(segment: LogSegment, offset: number): Promise<{ atMs: number; offset: number } | undefined> {
  let found: { atMs: number; offset: number } | undefined;
  let from = offset;
  if (offset > 0) {
    // Begin behind the next line break: the offset may be in the middle of a line.
    const ahead = await readBytes(segment.handle, offset - 1, longestLineBytes);
    const end = ahead.indexOf(10);
    if (end === -1) return undefined;
    from = offset + end;
  }
  const to = Math.min(segment.sizeBytes, from + 4 * longestLineBytes);
  await scanLines(segment, { from, to }, (line, lineOffset) => {
    if (line.atMs === undefined) return true;
    found = { atMs: line.atMs, offset: lineOffset };
    return false;
  });
  return found;
}

/** The instant of a file's first line that has one. */
export const firstInstant = async (segment: LogSegment): Promise<number | undefined> =>
  (await instantFrom(segment, 0))?.atMs;

/** Offset of a line start from which on everything since an instant is found; by bisection, since files are ordered but for seconds. */
export async function offsetOfInstant(segment: LogSegment, sinceMs: number): Promise<number> {
  const target = sinceMs - 5_000;
  let low = 0;
  let high = segment.sizeBytes;
  while (high - low > chunkBytes) {
    const middle = Math.floor((low + high) / 2);
    const line = await instantFrom(segment, middle);
    if (line === undefined || line.atMs >= target) high = middle;
    else low = Math.max(line.offset, middle);
  }
  return low;
}
