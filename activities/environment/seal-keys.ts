import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import type { Role } from '../../contract/run/names';
import { canonicalJson } from '../../contract/text/canonical-json';

/** A role's own private key, and the public ones of all roles; texts, as the settings have them. */
export interface SealKeys {
  role: Role;
  /** PKCS#8 in DER, base64. Secret. */
  private: string;
  /** SPKI in DER, base64: first the one that seals now, then those that did before. */
  public: Partial<Record<Role, readonly string[]>>;
}

/** Names a key without telling anything of it. */
export const keyId = (publicKey: string): string =>
  createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex').slice(0, 16);

/** The public part of a private key. @throws Error if it is none of Ed25519 */
export function publicPartOf(privateKey: string): string {
  const key = privateKeyOf(privateKey);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('expected a key of Ed25519');
  return createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');
}

/** A new pair. */
export function newSealPair(): { private: string; public: string } {
  const pair = generateKeyPairSync('ed25519');
  return {
    private: pair.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
    public: pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  };
}

/** Base64, over the canonical JSON (RFC 8785). */
export const signatureOf = (privateKey: string, value: unknown): string =>
  sign(null, Buffer.from(canonicalJson(value)), privateKeyOf(privateKey)).toString('base64');

/** Whether one of these public keys has signed exactly this. Whatever is no signature is none. */
export function isSignedBy(publicKeys: readonly string[], value: unknown, signature: unknown): boolean {
  if (typeof signature !== 'string') return false;
  try {
    const bytes = Buffer.from(canonicalJson(value));
    return publicKeys.some((key) => verify(null, bytes, publicKeyOf(key), Buffer.from(signature, 'base64')));
  } catch {
    return false;
  }
}

const privateKeyOf = (key: string) =>
  createPrivateKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'pkcs8' });
const publicKeyOf = (key: string) => createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
