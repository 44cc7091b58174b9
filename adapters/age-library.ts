import { readFile } from 'node:fs/promises';
import type { Decrypter } from 'age-encryption';
import { NotDecrypted, watchSource, type WatchedSource } from './age-stream';

/** A pair of keys: whoever has the recipient can encrypt, only who has the identity can decrypt. */
export interface AgeKeys {
  /** Secret: `AGE-SECRET-KEY-1…`. */
  identity: string;
  /** `age1…`; may be shown. */
  recipient: string;
}

/** Makes a new pair (X25519). */
export async function makeAgeKeys(): Promise<AgeKeys> {
  const { generateX25519Identity, identityToRecipient } = library();
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** A pair as a file that the `age` program takes, as its `age-keygen` writes it. Secret. */
export const identityText = ({ identity, recipient }: AgeKeys): string => `# public key: ${recipient}\n${identity}\n`;

/** The recipient of the identity in such a text; undefined if there is none in it, or a damaged one. */
export async function recipientOf(text: string): Promise<string | undefined> {
  const identity = identityIn(text);
  return identity === undefined
    ? undefined
    : library()
        .identityToRecipient(identity)
        .catch(() => undefined);
}

export async function* encryptByLibrary(source: AsyncIterable<Uint8Array>, recipient: string): AsyncGenerator<Buffer> {
  const { Encrypter } = library();
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  yield* through(watchSource(source), (stream) => encrypter.encrypt(stream));
}

export async function* decryptByLibrary(
  source: AsyncIterable<Uint8Array>,
  identityFile: string,
): AsyncGenerator<Buffer> {
  const decrypter = await decrypterFor(identityFile);
  const watched = watchSource(source);
  try {
    yield* through(watched, (stream) => decrypter.decrypt(stream));
  } catch (error) {
    watched.throwIfFailed();
    throw new NotDecrypted(`age: ${(error as Error).message}`);
  }
}

async function* through(
  { source }: WatchedSource,
  transform: (stream: ReadableStream<Uint8Array>) => Promise<ReadableStream<Uint8Array>>,
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of await transform(ReadableStream.from(source))) yield bufferOf(chunk);
  } finally {
    source.return(undefined).catch(() => undefined); // whoever stops reading ends the source
  }
}

async function decrypterFor(identityFile: string): Promise<Decrypter> {
  const { Decrypter } = library();
  const decrypter = new Decrypter();
  decrypter.addIdentity(identityIn(await readFile(identityFile, 'utf8')) ?? '');
  return decrypter;
}

const identityIn = (text: string): string | undefined => /^AGE-SECRET-KEY-1[0-9A-Z]+$/m.exec(text)?.[0];

const bufferOf = (chunk: Uint8Array): Buffer => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);

/** Loaded when it is needed: it takes a tenth of a second. */
const library = () => require('age-encryption') as typeof import('age-encryption');
