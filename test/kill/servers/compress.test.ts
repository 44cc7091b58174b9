import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { compress, decompress, NotDecompressed } from '../../../adapters/encryption/compress';
import { changedBytes, places, truncations } from '../../support/faults/damage';

const inPieces = (bytes: Buffer, size: number): Readable =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size)),
  );

const compressed = (bytes: Buffer, size = 4_096): Promise<Buffer> => buffer(compress(inPieces(bytes, size)));
const decompressed = (bytes: Buffer, size = 4_096): Promise<Buffer> => buffer(decompress(inPieces(bytes, size)));

/** As dumps are: some of it repeats, some does not. */
const archive = Buffer.concat([
  Buffer.from('PGDMP'),
  ...Array.from({ length: 40 }, (_, n) => Buffer.concat([Buffer.alloc(30_000, `row ${n}\n`), randomBytes(10_000)])),
]);

test('what was cut short or altered is refused, or differs', async () => {
  const packed = await compressed(archive);
  const cuts = truncations(packed, [1, 30, 60, 99]);
  for (const [what, bytes] of [...cuts, ...changedBytes(packed, places(packed, 100))]) {
    if (bytes.length < 5) continue;
    const outcome: Buffer | Error = await decompressed(bytes).catch((error: Error) => error);
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(NotDecompressed);
    else expect({ what, same: outcome.equals(archive) }).toEqual({ what, same: false });
  }
});
