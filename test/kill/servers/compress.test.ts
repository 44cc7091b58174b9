import { NotDecompressed } from '../../../adapters/encryption/compress';
import { changedBytes, places, truncations } from '../../support/faults/damage';
import { archive, compressed, decompressed } from '../../support/inputs/compressed';

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
