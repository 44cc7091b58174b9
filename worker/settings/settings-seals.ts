import { z } from 'zod';
import { publicPartOf, type SealKeys } from '../../activities/environment/seal-keys';
import { environments, type EnvironmentName, type Role } from '../../contract/run/names';
import { secretField, type SecretCheck, type SecretSource } from './settings-secrets';

/** A private key as `rubicon doctor --new-keys` writes it. */
const isPrivateKey: SecretCheck = (value) => {
  try {
    publicPartOf(value);
    return undefined;
  } catch {
    return 'expected a private key as "rubicon doctor --new-keys" makes it';
  }
};

const publicKey = z
  .string()
  .regex(/^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=$/, 'expected a public key of Ed25519 in base64');

const pairOf = (source: SecretSource, role: Role) =>
  z
    .strictObject({
      private: secretField(source, role, isPrivateKey),
      /** That of the private key; where there were others before, a list that begins with it. */
      public: z.union([publicKey.transform((key) => [key]), z.array(publicKey).min(1)]),
    })
    .superRefine(({ private: own, public: keys }, context) => {
      if (own.value === undefined || publicPartOf(own.value) === keys[0]) return;
      const message = 'expected the public part of the private key first, found another one';
      context.addIssue({ code: 'custom', path: ['public'], message });
    });

/** Keys by which workers seal what they have seen and done: `seals` in the settings. */
export const sealsSchema = (source: SecretSource) =>
  z
    .strictObject({ staging: pairOf(source, 'staging'), production: pairOf(source, 'production') })
    .refine(
      ({ staging, production }) => !staging.public.some((key) => production.public.includes(key)),
      'expected a key of its own for each role: with one for both, staging could speak for production',
    );

/** What the worker of an environment seals with, and verifies by; undefined: the settings have none for it. */
export function sealKeysOf(
  fields: z.output<ReturnType<typeof sealsSchema>> | undefined,
  role: EnvironmentName,
): SealKeys | undefined {
  const own = fields?.[role].private.value;
  if (fields === undefined || own === undefined) return undefined;
  return { role, private: own, public: Object.fromEntries(environments.map((name) => [name, fields[name].public])) };
}
