import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { decrypt } from './age';
import { decompress } from './compress';
import { untilItTakesMore, type FileDigest } from '../files/file-digest';

/** An encrypted file, and how it is read. */
export interface EncryptedFile {
  file: string;
  /** Path of the file that alone decrypts it. */
  identityFile: string;
  /** It is a dump, which may be compressed; then it is decompressed, too. Default false. */
  isDump?: boolean | undefined;
  /** Ends the reading. */
  signal?: AbortSignal | undefined;
  /** Called with the encrypted bytes read so far; by {@link decryptWhole} alone. */
  onRead?: ((readBytes: number) => void) | undefined;
}

/** Decrypts as much of a file as `target` takes. Nothing is known of the rest. */
export async function decryptStart(encrypted: EncryptedFile, target: Writable): Promise<void> {
  await pipeline(contentOf(encrypted, createReadStream(encrypted.file)), target, { signal: encrypted.signal });
}

/**
 * Decrypts a file to its end, also when `target` takes no more before: only the end tells that all of it was whole.
 *
 * @returns what the encrypted bytes were
 * @throws `NotDecrypted`, `NotDecompressed`
 */
export async function decryptWhole(encrypted: EncryptedFile, target: Writable): Promise<FileDigest> {
  const { file, signal, onRead } = encrypted;
  const hash = createHash('sha256');
  let sizeBytes = 0;
  async function* watched(): AsyncGenerator<Buffer> {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      hash.update(chunk);
      sizeBytes += chunk.length;
      onRead?.(sizeBytes);
      yield chunk;
    }
  }
  for await (const chunk of contentOf(encrypted, watched()))
    if (target.writable && !target.write(chunk)) await untilItTakesMore(target);
  return { sizeBytes, sha256: hash.digest('hex') };
}

function contentOf({ identityFile, isDump }: EncryptedFile, encrypted: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const decrypted = decrypt(encrypted, identityFile);
  return isDump === true ? decompress(decrypted) : decrypted;
}
