import { readFile } from 'node:fs/promises';
import type { Decrypter } from 'age-encryption';
import { ageLibrary, openHeader, sealHeader } from './age-header';
import { identityIn } from './age-keys';
import { decryptPayload, encryptPayload } from './age-payload';
import { NotDecrypted, watchSource, type WatchedSource } from './age-stream';

export { NotDecrypted } from './age-stream';
export { identityText, makeAgeKeys, recipientOf, type AgeKeys } from './age-keys';

/**
 * Encrypts a stream to a recipient in the age format (age-encryption.org/v1): the header by the library, the payload by
 * Node's own OpenSSL. The `age` program reads it.
 *
 * It ends where the source ends, so it is up to the caller to know that the source was whole. A reader that stops ends
 * the source with it.
 *
 * @param recipient `age1…`; not secret
 */
export async function* encrypt(source: AsyncIterable<Uint8Array>, recipient: string): AsyncGenerator<Buffer> {
  const { header, payloadKey } = await sealHeader(recipient);
  yield header;
  yield* encryptPayload(source, payloadKey);
}

/**
 * Decrypts a stream piece by piece, also one that the `age` program wrote. What comes out is what went in, but it is the
 * whole of it only if this ends without an error: nothing may be believed before that.
 *
 * @param identityFile path of a file as `identityText` writes it
 * @throws `NotDecrypted` for anything that was altered, cut, added to, or encrypted to someone else
 */
export async function* decrypt(source: AsyncIterable<Uint8Array>, identityFile: string): AsyncGenerator<Buffer> {
  const decrypter = await decrypterFor(identityFile);
  const watched = watchSource(source);
  try {
    yield* decryptWatched(decrypter, watched);
  } catch (error) {
    watched.throwIfFailed();
    throw new NotDecrypted(`age: ${(error as Error).message}`);
  }
}

async function* decryptWatched(decrypter: Decrypter, { source }: WatchedSource): AsyncGenerator<Buffer> {
  try {
    const { payloadKey, payload } = await openHeader(decrypter, source);
    yield* decryptPayload(payload, payloadKey);
  } finally {
    source.return(undefined).catch(() => undefined); // a reader that stops ends the source
  }
}

async function decrypterFor(identityFile: string): Promise<Decrypter> {
  const { Decrypter } = ageLibrary();
  const decrypter = new Decrypter();
  decrypter.addIdentity(identityIn(await readFile(identityFile, 'utf8')) ?? '');
  return decrypter;
}
