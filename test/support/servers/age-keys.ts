import { createReadStream, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { decrypt, encrypt, identityText, makeAgeKeys } from '../../../adapters/encryption/age';

/** A pair of keys of a test's own. */
export interface AgeKeyFile {
  recipient: string;
  identityFile: string;
}

/** Its identity is in a file of this folder. */
export async function writeAgeKeys(folder: string): Promise<AgeKeyFile> {
  const keys = await makeAgeKeys();
  const identityFile = path.join(folder, 'identity.txt');
  writeFileSync(identityFile, identityText(keys), { mode: 0o600 });
  return { recipient: keys.recipient, identityFile };
}

export const seal = (bytes: Buffer, recipient: string): Promise<Buffer> =>
  buffer(encrypt(Readable.from([bytes]), recipient));

export const unseal = (file: string, identityFile: string): Promise<Buffer> =>
  buffer(decrypt(createReadStream(file), identityFile));

export const unsealStream = (chunks: Iterable<Buffer>, identityFile: string): Promise<Buffer> =>
  buffer(decrypt(Readable.from(chunks), identityFile));
