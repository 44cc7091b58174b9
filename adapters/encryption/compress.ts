import { pipeline } from 'node:stream';
import { constants, createBrotliCompress, createBrotliDecompress } from 'node:zlib';
import { watchSource } from './age-stream';
import { inGulps } from '../files/file-digest';

/** How a new dump is compressed, as its record says it; the `brotli` program reads it. */
export const compression = 'brotli';

/** With this an archive of `pg_dump` begins, which compresses its rows itself, as in backups of older releases. */
const archiveStart = Buffer.from('PGDMP');

const chunkSize = 1 << 20;

/** Four times as fast as zlib at its lightest, and a fifth smaller; from here on time grows and size hardly shrinks. */
const params = { [constants.BROTLI_PARAM_QUALITY]: 1 };

/** What was to be decompressed is not what was compressed. Says nothing of what is in it. */
export class NotDecompressed extends Error {
  override readonly name = 'NotDecompressed';
  constructor(readonly found: string) {
    super(`expected what was compressed, whole and unchanged, found that ${found}`);
  }
}

/**
 * Compresses a stream, on a thread of its own: `pg_dump` would do it on the one thread that also asks the server. It ends
 * where the source ends; a reader that stops ends the source with it.
 */
export async function* compress(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* pipeline(
    inGulps(source),
    createBrotliCompress({ chunkSize, params }),
    () => undefined,
  ) as AsyncIterable<Buffer>;
}

/**
 * What {@link compress} was given. An archive that was not compressed as a whole comes out as it is, and so does what is
 * too short to be either: the program that reads archives says what is wrong with it.
 *
 * @throws `NotDecompressed`; what the source throws
 */
export async function* decompress(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const watched = watchSource(source);
  try {
    const { start, all } = await peek(watched.source as AsyncGenerator<Buffer>, archiveStart.length);
    if (start.length < archiveStart.length || start.subarray(0, archiveStart.length).equals(archiveStart)) yield* all;
    else yield* pipeline(all, createBrotliDecompress({ chunkSize }), () => undefined) as AsyncIterable<Buffer>;
  } catch (error) {
    watched.throwIfFailed();
    throw new NotDecompressed(`brotli: ${(error as Error).message}`);
  } finally {
    watched.source.return(undefined).catch(() => undefined); // a reader that stops ends the source
  }
}

/** The first bytes of a source, as many as are asked for unless there are fewer, and all of it. */
async function peek(
  source: AsyncGenerator<Buffer>,
  length: number,
): Promise<{ start: Buffer; all: AsyncGenerator<Buffer> }> {
  let start = Buffer.alloc(0);
  for (let next; start.length < length && (next = await source.next()).done !== true;)
    start = Buffer.concat([start, next.value]);
  async function* all(): AsyncGenerator<Buffer> {
    if (start.length > 0) yield start;
    yield* source;
  }
  return { start, all: all() };
}
