import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Decrypter, Encrypter } from 'age-encryption';
import {
  decrypt,
  encrypt,
  identityText,
  makeAgeKeys,
  NotDecrypted,
  recipientOf,
  type AgeKeys,
} from '../../../adapters/encryption/age';
import { some } from '../../support/inputs/some';
import { until } from '../../support/looks/until';

let folder: string;
let identityFile: string;
let keys: AgeKeys;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'rubicon-age-'));
  keys = await makeAgeKeys();
  identityFile = path.join(folder, 'identity');
  writeFileSync(identityFile, identityText(keys), { mode: 0o600 });
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Pieces as streams have them: of any size, empty ones too. */
async function* pieces(bytes: Buffer, size = 10_007): AsyncGenerator<Buffer> {
  yield Buffer.alloc(0);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function whole(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const seal = (bytes: Buffer, size?: number) => whole(encrypt(pieces(bytes, size), keys.recipient));

const unseal = (bytes: Buffer, identity = identityFile, size?: number) => whole(decrypt(pieces(bytes, size), identity));

const sum = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Around the borders of the format's pieces. */
const sizes = [0, 1, 65_535, 65_536, 65_537, 131_072, 3 * 65_536, 1_000_000];

test.each(some(sizes, 2))(
  'what was written is read again, and by the library that we did not write: %d bytes',
  async (size) => {
    const bytes = randomBytes(size);
    for (const chunkSize of [10_007, 65_536, 300_000]) {
      const sealed = await seal(bytes, chunkSize);
      expect(sum(await unseal(sealed, identityFile, chunkSize))).toBe(sum(bytes));
      const library = new Decrypter();
      library.addIdentity(keys.identity);
      expect(sum(Buffer.from(await library.decrypt(sealed)))).toBe(sum(bytes));
    }
  },
);

test.each(some(sizes, 2))('what the library wrote is read: %d bytes', async (size) => {
  const bytes = randomBytes(size);
  const library = new Encrypter();
  library.addRecipient((await makeAgeKeys()).recipient);
  library.addRecipient(keys.recipient);
  const sealed = Buffer.from(await library.encrypt(bytes));
  for (const chunkSize of [7, 65_552].slice(size > 100_000 ? 1 : 0))
    expect(sum(await unseal(sealed, identityFile, chunkSize))).toBe(sum(bytes));
});

test('whatever was altered, cut, or added to is refused', async () => {
  const sealed = await seal(randomBytes(150_000));
  const altered = (at: number) => {
    const copy = Buffer.from(sealed);
    copy[at]! ^= 1;
    return copy;
  };
  const last = sealed.length - 1;
  // Header, key, its check, nonce, the first piece, the border to the second, the end.
  for (const at of [0, 10, 40, 100, 150, 180, 200, 10_000, 65_700, 131_400, last - 16, last])
    await expect(unseal(altered(at))).rejects.toThrow(NotDecrypted);
  for (const length of [0, 1, 22, 100, 166, 190, 200, 216, 65_752, 65_753, 131_288, last])
    await expect(unseal(sealed.subarray(0, length))).rejects.toThrow(NotDecrypted);
  await expect(unseal(Buffer.concat([sealed, Buffer.alloc(1)]))).rejects.toThrow(NotDecrypted);
  await expect(unseal(Buffer.concat([sealed, sealed]))).rejects.toThrow(NotDecrypted);
  await expect(unseal(randomBytes(1_000))).rejects.toThrow(NotDecrypted);
  await expect(unseal(randomBytes(200_000))).rejects.toThrow('the file has no age header');
});

test('pieces that change places, and an end that is cut at a border, are refused', async () => {
  const sealed = await seal(randomBytes(3 * 65_536));
  const end = sealed.length;
  const pieceFromEnd = (count: number) => sealed.subarray(end - count * 65_552, end - (count - 1) * 65_552);
  const header = sealed.subarray(0, end - 3 * 65_552);
  const [a, b, c] = [pieceFromEnd(3), pieceFromEnd(2), pieceFromEnd(1)];
  for (const order of [[b, a, c], [a, b], [a, b, b], [a, c], [a, b, c, c], [a, b, c, c.subarray(-16)], []])
    await expect(unseal(Buffer.concat([header, ...order]))).rejects.toThrow(NotDecrypted);
  expect(await unseal(Buffer.concat([header, a, b, c]))).toHaveLength(3 * 65_536);
});

test('two files of the same content have nothing in common behind the header', async () => {
  const [one, other] = [await seal(Buffer.alloc(65_536)), await seal(Buffer.alloc(65_536))];
  expect(one.subarray(-65_552).equals(other.subarray(-65_552))).toBe(false);
  const found = one.subarray(-65_552, -65_552 + 32);
  expect(other.includes(found)).toBe(false);
});

test('another identity is told as such, and no word of what is in it', async () => {
  const other = path.join(folder, 'other');
  writeFileSync(other, identityText(await makeAgeKeys()), { mode: 0o600 });
  const error = (await unseal(await seal(Buffer.from('a plaintext key')), other).catch((one: unknown) => one)) as Error;
  expect(error).toBeInstanceOf(NotDecrypted);
  expect(error.message).toMatch(
    /^expected what was encrypted to this identity, whole and unchanged, found that age: no identity matched/,
  );
});

test('without an identity nothing is known, which is no fault of what was encrypted', async () => {
  const reading = unseal(await seal(Buffer.from('something')), path.join(folder, 'gone'));
  await expect(reading).rejects.toMatchObject({ code: 'ENOENT' });
});

test('the error of a source is passed on as it is', async () => {
  const closed = Object.assign(new Error('the source broke off'), { code: 'EPIPE' });
  async function* broken(bytes: Buffer): AsyncGenerator<Buffer> {
    yield bytes;
    throw closed;
  }
  await expect(whole(encrypt(broken(randomBytes(70_000)), keys.recipient))).rejects.toBe(closed);
  const sealed = await seal(randomBytes(200_000));
  for (const length of [50, 140_000])
    await expect(whole(decrypt(broken(sealed.subarray(0, length)), identityFile))).rejects.toBe(closed);
});

test('whoever stops reading ends the source', async () => {
  let ended = 0;
  async function* endless(start?: Buffer): AsyncGenerator<Buffer> {
    try {
      if (start !== undefined) yield start;
      for (;;) yield randomBytes(65_536);
    } finally {
      ended += 1;
    }
  }
  for await (const chunk of encrypt(endless(), keys.recipient)) if (chunk.length > 1_000) break;
  await until(() => ended === 1);
  const sealed = await seal(randomBytes(200_000));
  for await (const _ of decrypt(endless(sealed.subarray(0, 140_000)), identityFile)) break;
  await until(() => ended === 2);
});

test('a recipient that is none is refused', async () => {
  await expect(whole(encrypt(pieces(Buffer.from('x')), 'age1nobody'))).rejects.toThrow();
});

test('what the age program wrote is read', async () => {
  const file = path.join(folder, 'fixed');
  writeFileSync(file, 'AGE-SECRET-KEY-13AA2ZJH63RH99C3WJ4KP3N0GGE9L3N79DH5PPKNKZQU0ANTDRJ7Q02DC05\n');
  const sealed =
    'YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA2VnE3L3FJeWhxM0hwRHBIb2tKR0FkdW9NTm51ZG1XRnEyTkVqQW1OeGhVClplT3BiNnhj' +
    'VGF3UUdHRDh3N0pwMlh1bjRhdkQrZ2ZCRWNjUGsvd2JMUlkKLS0tIFovcHhKeUwyb2NhUUc0eFE2enZscDlWc055V05GTWx2WUdxaE9maEZ1WWcK' +
    'aFEWmbjYAyHq473+qkgJ/xkGM/FtlP+91dtf70h4tFpvN4z9kByQcDu7RWvoEr+glZl9VEDxAkp52Q==';
  const found = await unseal(Buffer.from(sealed, 'base64'), file);
  expect(found.toString()).toBe('written by the age program');
});

test('a file of an identity tells its recipient, and a damaged one tells none', async () => {
  const text = identityText(keys);
  await expect(recipientOf(text)).resolves.toBe(keys.recipient);
  await expect(recipientOf(text.replace(/[QP](?=.{0,9}\n$)|.(?=\n$)/, '9'))).resolves.toBeUndefined();
  await expect(recipientOf(`# public key: ${keys.recipient}\n`)).resolves.toBeUndefined();
});
