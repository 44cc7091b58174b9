import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { decrypt } from './age';
import { untilItTakesMore, type FileDigest } from './file-digest';

export interface EncryptedFile {
  file: string;
  /** Path of the file that alone decrypts it. */
  identityFile: string;
  signal?: AbortSignal | undefined;
  /** Of the encrypted bytes. */
  onRead?: ((readBytes: number) => void) | undefined;
}

/** Decrypts as much of a file as `target` takes. Nothing is known of the rest. */
export async function decryptStart({ file, identityFile, signal }: EncryptedFile, target: Writable): Promise<void> {
  await pipeline(decrypt(createReadStream(file), identityFile), target, { signal });
}

/**
 * Decrypts a file to its end, also when `target` takes no more before: only the end tells that all of it was whole.
 *
 * @returns what the encrypted bytes were
 * @throws `NotDecrypted`
 */
export async function decryptWhole(
  { file, identityFile, signal, onRead }: EncryptedFile,
  target: Writable,
): Promise<FileDigest> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  async function* encrypted(): AsyncGenerator<Buffer> {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      hash.update(chunk);
      sizeBytes += chunk.length;
      onRead?.(sizeBytes);
      yield chunk;
    }
  }
  for await (const chunk of decrypt(encrypted(), identityFile))
    if (target.writable && !target.write(chunk)) await untilItTakesMore(target);
  return { sizeBytes, sha256: hash.digest('hex') };
}
