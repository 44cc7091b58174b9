import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Where reading stopped, and by what to know the file again. Small, and holds nothing of the log but one instant. */
export interface LogCursor {
  /** Number of the file system, as text. */
  device: string;
  /** Number of the file on it, as text. */
  inode: string;
  /** Just behind the last complete line that was read. */
  offset: number;
  /** How many of its first bytes are compared: 256, or all there were. */
  headBytes: number;
  /** Of these bytes; hex. */
  headSha256: string;
  /** Latest instant seen so far, ISO; absent = none. */
  lastAt?: string;
}

/** Whether a position that somebody kept is a cursor. */
export const isCursor = (position: object): position is LogCursor =>
  'inode' in position && 'offset' in position && typeof position.offset === 'number' && 'headSha256' in position;

/** One open file of a log: the current one, or one that was rotated away. */
export interface LogSegment {
  /** The caller closes it. */
  handle: FileHandle;
  /** As in {@link LogCursor}, like `inode`. */
  device: string;
  inode: string;
  /** At the time of opening; what is written later is read next time. */
  sizeBytes: number;
  /** Milliseconds since 1970. */
  modifiedMs: number;
  /** False: it was rotated away. */
  isCurrent: boolean;
}

const longestHeadBytes = 256;
const mostRotated = 30;
/** `.1`, `-20261101`, `.2026-11-01`: what rotation appends; not `.1.gz`, not `-errors`. */
const rotatedName = /^[.-]\d[\dTZ:._-]*$/;

/** Opens a log and what was rotated away from it, the current file last. A file that does not exist is left out. */
export async function openSegments(file: string): Promise<LogSegment[]> {
  const current = await openSegment(file, true);
  const rotated: LogSegment[] = [];
  for (const path of await rotatedFiles(file)) {
    const segment = await openSegment(path, false);
    // Rotation between two of these calls shows the same file under both names.
    if (segment !== undefined && [current, ...rotated].some((other) => other?.inode === segment.inode))
      await segment.handle.close();
    else if (segment !== undefined) rotated.push(segment);
  }
  return current === undefined ? rotated : [...rotated, current];
}

async function rotatedFiles(file: string): Promise<string[]> {
  const names = await readdir(dirname(file)).catch(() => []);
  const base = basename(file);
  const rotated = names.filter((name) => name.startsWith(base) && rotatedName.test(name.slice(base.length)));
  return rotated.slice(0, mostRotated).map((name) => join(dirname(file), name));
}

async function openSegment(path: string, isCurrent: boolean): Promise<LogSegment | undefined> {
  let handle: FileHandle;
  try {
    // A named pipe would block without end.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (!isCurrent || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const stats = await handle.stat({ bigint: true });
  const { dev, ino, size, mtimeMs } = stats;
  if (stats.isFile())
    return {
      handle,
      device: `${dev}`,
      inode: `${ino}`,
      sizeBytes: Number(size),
      modifiedMs: Number(mtimeMs),
      isCurrent,
    };
  await handle.close();
  if (isCurrent) throw new Error('expected a regular file, found something else');
  return undefined;
}

/** How a file stands to a cursor that was made on the file with its inode. */
export async function compareToCursor(
  segment: LogSegment,
  cursor: LogCursor,
): Promise<'same' | 'truncated' | 'replaced'> {
  if (segment.sizeBytes < cursor.offset) return 'truncated';
  const { headSha256 } = await headOf(segment, cursor.headBytes);
  if (headSha256 !== cursor.headSha256) return 'replaced';
  if (cursor.offset === 0) return 'same';
  const last = await readBytes(segment.handle, cursor.offset - 1, 1);
  return last.toString('latin1') === '\n' ? 'same' : 'replaced';
}

/** The cursor that stands for having read a file up to an offset. */
export async function cursorAt(segment: LogSegment, offset: number, lastMs: number | undefined): Promise<LogCursor> {
  const { device, inode } = segment;
  const head = await headOf(segment, longestHeadBytes);
  return {
    device,
    inode,
    offset,
    ...head,
    ...(lastMs === undefined ? {} : { lastAt: new Date(lastMs).toISOString() }),
  };
}

async function headOf(segment: LogSegment, limit: number): Promise<{ headBytes: number; headSha256: string }> {
  const head = await readBytes(segment.handle, 0, Math.min(limit, segment.sizeBytes));
  const headSha256 = createHash('sha256').update(head.toString('latin1'), 'latin1').digest('hex');
  return { headBytes: head.length, headSha256 };
}

/** Reads up to `length` bytes from a place; fewer at the end of the file. */
export async function readBytes(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
