import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { newSealPair } from '../../activities/environment/seal-keys';
import { environments } from '../../contract/run/names';

/**
 * Makes a pair of keys for each role that seals: writes the private ones, for their owner alone, and returns the section of the settings
 * that names them and has the public ones.
 *
 * @throws Error if a file is there already: a key is never written over
 */
export async function newSealKeys(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const seals: Record<string, object> = {};
  for (const role of environments) {
    const pair = newSealPair();
    const file = join(folder, `${role}.seal`);
    const handle = await open(file, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
      const found = error.code === 'EEXIST' ? 'it is there already: move it away first' : error.message;
      throw new Error(`expected to write ${file}, found that ${found}`);
    });
    await handle.writeFile(`${pair.private}\n`).finally(() => handle.close());
    seals[role] = { private: `file:${file}`, public: pair.public };
  }
  return stringify({ seals });
}
