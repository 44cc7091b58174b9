import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';

/** Which bytes a file consists of. */
export interface FileDigest {
  sizeBytes: number;
  /** Lower-case hex. */
  sha256: string;
}

/** So much is written at a time: a program hands over a few kilobytes, and each write is a round trip to the disk's thread. */
const gulpBytes = 1 << 20;

/** Writes all of `source` to the end of an open file, and says what these very bytes were. */
export async function writeWhole(
  handle: FileHandle,
  source: AsyncIterable<Buffer>,
  onWritten?: (sizeBytes: number) => void,
): Promise<FileDigest> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const gulp of inGulps(source)) {
    hash.update(gulp);
    await handle.appendFile(gulp); // unlike `write` it ends only when all of it is written
    sizeBytes += gulp.length;
    onWritten?.(sizeBytes);
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

/** The same bytes, so many at a time. */
export async function* inGulps(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let [waiting, length]: [Buffer[], number] = [[], 0];
  for await (const chunk of source) {
    waiting.push(chunk);
    length += chunk.length;
    if (length < gulpBytes) continue;
    yield Buffer.concat(waiting);
    [waiting, length] = [[], 0];
  }
  if (length > 0) yield Buffer.concat(waiting);
}

/** Options of {@link readWhole}. */
export interface ReadOptions {
  /** Ends the reading with its reason. */
  signal?: AbortSignal | undefined;
}

/** Reads a file to its end, and says what these very bytes were. */
export async function readWhole(file: string, { signal }: ReadOptions = {}): Promise<FileDigest> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

/** Until a stream that had enough wants more, or takes no more at all. */
export function untilItTakesMore(target: Writable): Promise<void> {
  return new Promise((resolve) => {
    const events = ['drain', 'close', 'error'] as const;
    const go = () => {
      for (const event of events) target.off(event, go);
      resolve();
    };
    for (const event of events) target.once(event, go);
    if (target.destroyed) go();
  });
}
