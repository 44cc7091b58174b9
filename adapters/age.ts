import { decryptByLibrary, encryptByLibrary } from './age-library';
import { decryptByProgram, encryptByProgram, findAge } from './age-program';

export { NotDecrypted } from './age-stream';
export { identityText, makeAgeKeys, recipientOf, type AgeKeys } from './age-library';

/**
 * Encrypts a stream to a recipient in the age format (age-encryption.org/v1), with the `age` program where it is in
 * PATH, else with the library: both read what the other one wrote, the program is ten times as fast.
 *
 * It ends where the source ends, so it is up to the caller to know that the source was whole. Whoever stops reading ends
 * the program and the source with it.
 *
 * @param recipient `age1…`; not secret
 */
export async function* encrypt(source: AsyncIterable<Uint8Array>, recipient: string): AsyncGenerator<Buffer> {
  const program = await findAge();
  yield* program === undefined ? encryptByLibrary(source, recipient) : encryptByProgram(program, source, recipient);
}

/**
 * Decrypts a stream piece by piece. What comes out is what went in, but it is the whole of it only if this ends without
 * an error: nothing may be believed before that.
 *
 * @param identityFile path of a file as `identityText` writes it; what is in it never stands in a command line
 * @throws `NotDecrypted` for anything that was altered, cut, added to, or encrypted to somebody else
 */
export async function* decrypt(source: AsyncIterable<Uint8Array>, identityFile: string): AsyncGenerator<Buffer> {
  const program = await findAge();
  yield* program === undefined
    ? decryptByLibrary(source, identityFile)
    : decryptByProgram(program, source, identityFile);
}
