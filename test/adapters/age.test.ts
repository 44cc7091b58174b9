import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  decrypt,
  encrypt,
  identityText,
  makeAgeKeys,
  NotDecrypted,
  recipientOf,
  type AgeKeys,
} from '../../adapters/age';
import { agePaths, hasAge } from '../support/age-programs';
import { processesNaming } from '../support/processes';
import { until } from '../support/until';

const usualPath = process.env['PATH'];
let folder: string;
let identityFile: string;
let keys: AgeKeys;
let paths: Record<Way, string>;
type Way = 'program' | 'library';

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'rubicon-age-'));
  paths = agePaths(folder);
  keys = await makeAgeKeys();
  identityFile = path.join(folder, 'identity');
  writeFileSync(identityFile, identityText(keys), { mode: 0o600 });
});

afterAll(() => {
  process.env['PATH'] = usualPath;
  rmSync(folder, { recursive: true });
});

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

const seal = (way: Way, bytes: Buffer) => {
  process.env['PATH'] = paths[way];
  return whole(encrypt(pieces(bytes), keys.recipient));
};

const unseal = (way: Way, bytes: Buffer, identity = identityFile) => {
  process.env['PATH'] = paths[way];
  return whole(decrypt(pieces(bytes), identity));
};

const sum = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** What one way has written, read in the other one; the real program only where this machine has it. */
const ways: Way[] = ['library', 'program'];
const pairs = ways.flatMap((from) => ways.map((to) => [from, to] as const));

/** The stand-in takes a fifth of a second to start: with it the ends of a list must do. */
const enough = (way: Way, all: number[]) =>
  way === 'library' || hasAge ? all : all.filter((_, index) => index === 0 || index === all.length - 1);

describe(hasAge ? 'with the age program' : 'with a stand-in for the age program', () => {
  test.each(pairs)('what the %s wrote the %s reads, of any size', async (from, to) => {
    for (const size of enough(to, [0, 1, 65_535, 65_536, 65_537, 3 * 65_536, 1_000_000])) {
      const bytes = randomBytes(size);
      const sealed = await seal(from, bytes);
      expect(sealed.length).toBeGreaterThan(size);
      expect(sum(await unseal(to, sealed))).toBe(sum(bytes));
    }
  });

  test.each(ways)('the %s refuses whatever was altered, cut, or added to', async (way) => {
    const sealed = await seal('library', randomBytes(150_000));
    const altered = (at: number) => {
      const copy = Buffer.from(sealed);
      copy[at]! ^= 1;
      return copy;
    };
    const last = sealed.length - 1;
    // Header, key, its check, nonce, the first piece, the border to the second, the end.
    for (const at of enough(way, [0, 10, 40, 100, 150, 180, 200, 10_000, 65_700, 131_400, last - 16, last]))
      await expect(unseal(way, altered(at))).rejects.toThrow(NotDecrypted);
    for (const length of enough(way, [0, 1, 22, 100, 166, 190, 200, 216, 65_752, 65_753, 131_288, last]))
      await expect(unseal(way, sealed.subarray(0, length))).rejects.toThrow(NotDecrypted);
    await expect(unseal(way, Buffer.concat([sealed, Buffer.alloc(1)]))).rejects.toThrow(NotDecrypted);
    await expect(unseal(way, Buffer.concat([sealed, sealed]))).rejects.toThrow(NotDecrypted);
    await expect(unseal(way, randomBytes(1_000))).rejects.toThrow(NotDecrypted);
  });

  test.each(ways)('the %s says what it was, and no word of what is in it, for another identity', async (way) => {
    const other = path.join(folder, 'other');
    writeFileSync(other, identityText(await makeAgeKeys()), { mode: 0o600 });
    const sealed = await seal(way, Buffer.from('a plaintext key'));
    const error = (await unseal(way, sealed, other).catch((one: unknown) => one)) as Error;
    expect(error).toBeInstanceOf(NotDecrypted);
    expect(error.message).toMatch(
      /^expected what was encrypted to this identity, whole and unchanged, found that age: no identity matched/,
    );
  });

  test.each(ways)('the %s cannot tell without an identity, which is no fault of what was encrypted', async (way) => {
    const sealed = await seal(way, Buffer.from('something'));
    const reading = unseal(way, sealed, path.join(folder, 'gone'));
    await expect(reading).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test.each(ways)('the %s passes the error of a source on as it is', async (way) => {
    process.env['PATH'] = paths[way];
    const closed = Object.assign(new Error('the source broke off'), { code: 'EPIPE' });
    async function* broken(bytes: Buffer): AsyncGenerator<Buffer> {
      yield bytes;
      throw closed;
    }
    await expect(whole(encrypt(broken(randomBytes(70_000)), keys.recipient))).rejects.toBe(closed);
    const sealed = await seal(way, randomBytes(200_000));
    await expect(whole(decrypt(broken(sealed.subarray(0, 140_000)), identityFile))).rejects.toBe(closed);
  });

  test.each(ways)('whoever stops reading ends the %s and the source', async (way) => {
    process.env['PATH'] = paths[way];
    let ended = false;
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        for (;;) yield randomBytes(65_536);
      } finally {
        ended = true;
      }
    }
    for await (const chunk of encrypt(endless(), keys.recipient)) if (chunk.length > 0) break;
    await until(() => ended);
    expect(processesNaming(keys.recipient)).toEqual([]);
  });

  test('a recipient that is none is refused', async () => {
    for (const way of ways) {
      process.env['PATH'] = paths[way];
      await expect(whole(encrypt(pieces(Buffer.from('x')), 'age1nobody'))).rejects.toThrow();
    }
  });
});

test('what the real program wrote is read without it', async () => {
  const file = path.join(folder, 'fixed');
  writeFileSync(file, 'AGE-SECRET-KEY-13AA2ZJH63RH99C3WJ4KP3N0GGE9L3N79DH5PPKNKZQU0ANTDRJ7Q02DC05\n');
  const sealed =
    'YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA2VnE3L3FJeWhxM0hwRHBIb2tKR0FkdW9NTm51ZG1XRnEyTkVqQW1OeGhVClplT3BiNnhj' +
    'VGF3UUdHRDh3N0pwMlh1bjRhdkQrZ2ZCRWNjUGsvd2JMUlkKLS0tIFovcHhKeUwyb2NhUUc0eFE2enZscDlWc055V05GTWx2WUdxaE9maEZ1WWcK' +
    'aFEWmbjYAyHq473+qkgJ/xkGM/FtlP+91dtf70h4tFpvN4z9kByQcDu7RWvoEr+glZl9VEDxAkp52Q==';
  const found = await unseal('library', Buffer.from(sealed, 'base64'), file);
  expect(found.toString()).toBe('written by the age program');
});

test('the program gets an identity by its file: the secret stands in no command line, the plaintext in no file', async () => {
  const tools = mkdtempSync(path.join(folder, 'tools-'));
  const seen = path.join(folder, 'seen');
  const real = hasAge ? '' : folder;
  const record = `case "$1" in --version) ;; *) { echo "$@"; env; } >> '${seen}' ;; esac`;
  const pass = `PATH='${hasAge ? usualPath : real}' exec age "$@"`;
  writeFileSync(path.join(tools, 'age'), `#!/bin/sh\n${record}\n${pass}\n`, { mode: 0o755 });
  paths = { ...paths, program: tools };
  const files = readdirSync(folder).length;
  const sealed = await seal('program', Buffer.from('a plaintext key'));
  expect((await unseal('program', sealed)).toString()).toBe('a plaintext key');
  const commandLines = readFileSync(seen, 'utf8');
  expect(commandLines).toContain(`--encrypt --recipient ${keys.recipient}`);
  expect(commandLines).toContain(`--decrypt --identity ${identityFile}`);
  expect(commandLines).not.toMatch(/AGE-SECRET-KEY|a plaintext key/);
  expect(readdirSync(folder)).toHaveLength(files + 1);
});

test('another program of that name is not taken for it', async () => {
  const tools = mkdtempSync(path.join(folder, 'tools-'));
  writeFileSync(path.join(tools, 'age'), '#!/bin/sh\necho "age of the universe"\n', { mode: 0o755 });
  process.env['PATH'] = tools;
  const sealed = await whole(encrypt(pieces(Buffer.from('by the library')), keys.recipient));
  expect((await unseal('library', sealed)).toString()).toBe('by the library');
});

test('a file of an identity tells its recipient, and a damaged one tells none', async () => {
  const text = identityText(keys);
  await expect(recipientOf(text)).resolves.toBe(keys.recipient);
  await expect(recipientOf(text.replace(/[QP](?=.{0,9}\n$)|.(?=\n$)/, '9'))).resolves.toBeUndefined();
  await expect(recipientOf(`# public key: ${keys.recipient}\n`)).resolves.toBeUndefined();
});
