import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import type { PostgresSettings } from '../../../adapters/postgres/postgres';
import { toolConnection } from '../../../adapters/postgres/tool-connection';
import { unseal } from '../servers/age-keys';
import { toolsFolder, type ProofStage } from '../stages/proof-stage';
import { changedBytes, places, truncations, type Damage } from './damage';

/** What was encrypted: compressed as a whole, or as older releases have it, by `pg_dump` itself. */
export const archiveForms = ['compressed', 'not compressed', 'of an older release'] as const;
export type ArchiveForm = (typeof archiveForms)[number];

export async function archiveOf({ dump, keys, database }: ProofStage, form: ArchiveForm): Promise<Buffer> {
  if (form === 'compressed') return unseal(dump.file, keys.identityFile);
  if (form === 'not compressed') return brotliDecompressSync(await unseal(dump.file, keys.identityFile));
  const environment = toolConnection({ url: database.url, applicationName: 'test' }, 'test');
  return execFileSync(path.join(toolsFolder, 'pg_dump'), ['-Fc', '-Z1'], { env: environment, maxBuffer: 1 << 26 });
}

export function* damages(whole: Buffer): Generator<Damage> {
  yield* truncations(whole, [1, 60]);
  for (const lost of [1, 20]) yield [`without the last ${lost} bytes`, whole.subarray(0, whole.length - lost)];
  yield* changedBytes(whole, [0, 5, 7, 10, 11, ...places(whole.subarray(16), 4).map((place) => 16 + place)]);
}

/** Damage from before the encryption is found by restoring and comparing, or has changed no row. */
export async function judgeDamages(at: ProofStage, form: ArchiveForm): Promise<void> {
  const verdicts = { refused: 0, differing: 0, alike: 0 };
  const sound = await at.judge(at.dump);
  const rowsOfSound = sound.connection && rowsAsText(sound.connection);
  for (const [what, bytes] of damages(await archiveOf(at, form))) {
    // That it could not be found out (the damage asks for more memory than there is) is not a proof either.
    const found = await at.judge(await at.writeSealed('damaged.dump', bytes)).catch(() => ({
      restored: false,
      differences: [],
    }));
    if (!found.restored) verdicts.refused += 1;
    else if (found.differences.length > 0) verdicts.differing += 1;
    else {
      // The archive says the same, or something that is not about rows; an independent witness tells.
      expect({ what, same: sound.connection && rowsAsText(sound.connection) === rowsOfSound }).toEqual({
        what,
        same: true,
      });
      verdicts.alike += 1;
    }
  }
  expect(verdicts.refused + verdicts.differing).toBeGreaterThan(7);
}

function rowsAsText(connection: PostgresSettings): string {
  const environment = { ...process.env, ...toolConnection(connection, 'witness') };
  const text = execFileSync(path.join(toolsFolder, 'pg_dump'), ['--data-only', '--inserts'], {
    env: environment,
    encoding: 'utf8',
  });
  return text.replace(/^\\(?:un)?restrict .*$/gm, ''); // a random word
}
