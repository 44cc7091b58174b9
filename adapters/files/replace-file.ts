import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a text so that its file is whole at every moment, also after a power cut: the old text or the new one. Mode
 * 0640; its folder is made if it is missing. An unfinished earlier try is written over. One writer at a time.
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  const folder = dirname(file);
  const partial = `${file}.partial`;
  await mkdir(folder, { recursive: true, mode: 0o750 });
  await rm(partial, { force: true });
  // Not through what someone else may have put there meanwhile: a link, for example.
  const handle = await open(partial, 'wx', 0o640);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(partial, file);
  const directory = await open(folder, 'r');
  await directory.sync().finally(() => directory.close());
}
