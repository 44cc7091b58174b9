import { ageLibrary } from './age-header';

/** A pair of keys: the recipient encrypts, only the identity decrypts. */
export interface AgeKeys {
  /** Secret: `AGE-SECRET-KEY-1…`. */
  identity: string;
  /** `age1…`; may be shown. */
  recipient: string;
}

/** Makes a new pair (X25519). */
export async function makeAgeKeys(): Promise<AgeKeys> {
  const { generateX25519Identity, identityToRecipient } = ageLibrary();
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
    : ageLibrary()
        .identityToRecipient(identity)
        .catch(() => undefined);
}

/** Secret; undefined: there is none in the text. */
export const identityIn = (text: string): string | undefined => /^AGE-SECRET-KEY-1[0-9A-Z]+$/m.exec(text)?.[0];
