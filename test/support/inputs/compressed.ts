import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { compress, decompress } from '../../../adapters/encryption/compress';

export const inPieces = (bytes: Buffer, size: number): Readable =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size)),
  );

export const compressed = (bytes: Buffer, size = 4_096): Promise<Buffer> => buffer(compress(inPieces(bytes, size)));
export const decompressed = (bytes: Buffer, size = 4_096): Promise<Buffer> => buffer(decompress(inPieces(bytes, size)));

/** As dumps are: some of it repeats, some does not. */
export const archive = Buffer.concat([
  Buffer.from('PGDMP'),
  ...Array.from({ length: 40 }, (_, n) => Buffer.concat([Buffer.alloc(30_000, `row ${n}\n`), randomBytes(10_000)])),
]);
