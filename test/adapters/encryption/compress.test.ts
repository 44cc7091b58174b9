import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync } from 'node:zlib';
import { compress, decompress, NotDecompressed } from '../../../adapters/encryption/compress';
import { changedBytes, places, truncations } from '../../support/faults/damage';
import { until } from '../../support/looks/until';
import { archive, compressed, decompressed, inPieces } from '../../support/inputs/compressed';

/** What the pages for people say, should there be no program `brotli`. */
const byNode = 'process.stdin.pipe(zlib.createBrotliDecompress()).pipe(process.stdout)';

test.each([1, 3, 4_096, 65_536, 3_000_000])('comes back whole, in pieces of %i bytes', async (size) => {
  const bytes = size < 4 ? archive.subarray(0, 20_000) : archive;
  const packed = await compressed(bytes, size);
  expect(packed.length).toBeLessThan(bytes.length);
  expect((await decompressed(packed, size)).equals(bytes)).toBe(true);
});

test('is what other programs read as brotli', async () => {
  const packed = await compressed(archive);
  expect(brotliDecompressSync(packed).equals(archive)).toBe(true);
  const byHand = execFileSync(process.execPath, ['-e', byNode], { input: packed, maxBuffer: 1 << 26 });
  expect(byHand.equals(archive)).toBe(true);
  expect(spawnSync(process.execPath, ['-e', byNode], { input: packed.subarray(0, 9_000) }).status).not.toBe(0);
});

test.each([1, 4_096])(
  'an archive of an older release, which has compressed itself, comes out as it is',
  async (size) => {
    const bytes = archive.subarray(0, 20_000);
    expect((await decompressed(bytes, size)).equals(bytes)).toBe(true);
  },
);

test('nothing, and what is too short for either, comes out as it is', async () => {
  for (const text of ['', 'PGDM', 'x']) expect((await decompressed(Buffer.from(text))).toString()).toBe(text);
});

// At 100 places: test/kill/servers/compress.test.ts.
test('what was cut short or altered is refused, or differs', async () => {
  const packed = await compressed(archive);
  const cuts = truncations(packed, [1, 60]);
  for (const [what, bytes] of [...cuts, ...changedBytes(packed, places(packed, 10))]) {
    if (bytes.length < 5) continue;
    const outcome: Buffer | Error = await decompressed(bytes).catch((error: Error) => error);
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(NotDecompressed);
    else expect({ what, same: outcome.equals(archive) }).toEqual({ what, same: false });
  }
});

test('the error of a source is passed on as it is', async () => {
  const closed = Object.assign(new Error('the source broke off'), { code: 'EPIPE' });
  async function* broken(bytes: Buffer): AsyncGenerator<Buffer> {
    yield bytes;
    throw closed;
  }
  await expect(buffer(compress(broken(randomBytes(70_000))))).rejects.toBe(closed);
  const packed = await compressed(archive);
  for (const start of [packed.subarray(0, 3), packed.subarray(0, 70_000), archive.subarray(0, 70_000)])
    await expect(buffer(decompress(broken(start)))).rejects.toBe(closed);
});

test('whoever stops reading ends the source', async () => {
  let ended = 0;
  async function* endless(start: Buffer): AsyncGenerator<Buffer> {
    try {
      for (;;) yield start;
    } finally {
      ended += 1;
    }
  }
  for await (const chunk of compress(endless(randomBytes(65_536)))) if (chunk.length > 0) break;
  await until(() => ended === 1);
  for await (const chunk of decompress(endless(archive))) if (chunk.length > 0) break;
  await until(() => ended === 2);
  async function* goesOn(): AsyncGenerator<Buffer> {
    try {
      yield* inPieces(await compressed(archive), 4_096) as AsyncIterable<Buffer>;
    } finally {
      ended += 1;
    }
  }
  for await (const chunk of decompress(goesOn())) if (chunk.length > 0) break;
  await until(() => ended === 3);
});
