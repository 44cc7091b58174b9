import { hkdfSync, randomBytes } from 'node:crypto';
import type { Decrypter } from 'age-encryption';

/** What stands before the payload of an age file: for whom it is, and the nonce that the payload's key is made of. */

const nonceBytes = 16;

/** More than any header that is meant for a few recipients: what is longer is no age file. */
const longestHeader = 65_536;

/** A header for one recipient with a key of its own, and that key. */
export async function sealHeader(recipient: string): Promise<{ header: Buffer; payloadKey: Uint8Array }> {
  const { Encrypter } = ageLibrary();
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  let fileKey: Uint8Array | undefined;
  // Our own recipient, which adds nothing to the header: it is told the key that the others wrap.
  encrypter.addRecipient({ wrapFileKey: (key) => ((fileKey = key), []) });
  const empty = await encrypter.encrypt(new Uint8Array());
  if (fileKey === undefined) throw new Error('expected age to make a key, found none');
  const nonce = randomBytes(nonceBytes);
  const header = Buffer.from(empty.subarray(0, endOfHeader(empty)));
  return { header: Buffer.concat([header, nonce]), payloadKey: payloadKeyOf(fileKey, nonce) };
}

/**
 * The payload's key, and the payload itself: the rest of `source`.
 *
 * @throws Error if the file is cut short, or not of age
 */
export async function openHeader(
  decrypter: Decrypter,
  source: AsyncIterator<Uint8Array>,
): Promise<{ payloadKey: Uint8Array; payload: AsyncGenerator<Uint8Array> }> {
  let start = Buffer.alloc(0);
  let end: number | undefined;
  while (end === undefined || start.length < end + nonceBytes) {
    const next = await source.next();
    if (next.done === true) throw new Error('the file ends before its payload');
    start = Buffer.concat([start, next.value]);
    end ??= endOfHeader(start);
    if (end === undefined && start.length > longestHeader) throw new Error('the file has no age header');
  }
  const fileKey = await decrypter.decryptHeader(start.subarray(0, end));
  const payloadKey = payloadKeyOf(fileKey, start.subarray(end, end + nonceBytes));
  return { payloadKey, payload: goOn(start.subarray(end + nonceBytes), source) };
}

async function* goOn(first: Uint8Array, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
}

const payloadKeyOf = (fileKey: Uint8Array, nonce: Uint8Array): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', fileKey, nonce, 'payload', 32));

/** Behind the line with the header's check, which alone begins with three dashes; undefined: not there yet. */
function endOfHeader(bytes: Uint8Array): number | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const last = text.indexOf('\n---');
  const end = last < 0 ? -1 : text.indexOf('\n', last + 1);
  return end < 0 ? undefined : end + 1;
}

/** Loaded when it is needed: it takes a tenth of a second. */
export const ageLibrary = () => require('age-encryption') as typeof import('age-encryption');
