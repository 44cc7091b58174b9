import { z } from 'zod';
import { durationSchema } from '../../contract/text/duration';
import type { Role } from '../../contract/run/names';
import { maskSecrets } from '../../adapters/programs/secret-text';
import { headerSafe, secretField, urlOf, type Secret, type SecretSource } from './settings-secrets';

/** An address that is no secret: without a password, and without a token in its query. */
export const plainUrl = z
  .string()
  .refine((text) => urlOf(['http', 'https'])(text) === undefined, 'expected a URL such as http://host:port/path')
  .refine((text) => maskSecrets(text) === text, 'expected a URL without a secret; write the whole URL as env:NAME');

const command = z.array(z.string().min(1)).min(1);

/** A URL, or where it stands if it is secret. */
export const addressField = (source: SecretSource, role: Role) =>
  z.string().transform((text, context): string | Secret => {
    const isSecret = /^(env|file):/.test(text);
    const parsed = isSecret
      ? secretField(source, role, urlOf(['http', 'https'])).safeParse(text)
      : plainUrl.safeParse(text);
    if (parsed.success) return parsed.data;
    for (const { message } of parsed.error.issues) context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

/** What an environment's platform can do for us, and how one sees that it has. */
export function actionSchema(source: SecretSource, role: Role) {
  const secret = secretField(source, role);
  const headers = z.record(z.string().regex(/^[A-Za-z0-9-]+$/), secretField(source, role, headerSafe)).optional();
  const environment = z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), secret).optional();
  const address = addressField(source, role);
  const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

  const check = z
    .strictObject({
      /** GET this, and compare fields of the JSON answer; `$release` means the release that is deployed. */
      get: address.optional(),
      headers,
      expect: z.record(z.string().min(1), value).optional(),
      /** Exit status 0. */
      command: command.optional(),
      environment,
    })
    .superRefine(exactlyOne(['get', 'command']))
    .meta(oneOf(['get', 'command']))
    .refine((it) => (it.get === undefined) === (it.expect === undefined), 'expected "get" and "expect" together');

  return z
    .strictObject({
      /** Program and arguments, without a shell; parameters come as RUBICON_RELEASE, RUBICON_ON. */
      command: command.optional(),
      environment,
      /** POST to this; parameters come as JSON. */
      post: address.optional(),
      headers,
      /** What a person has to do. */
      person: z.string().min(1).max(1_000).optional(),
      check: check.optional(),
      /** For the action and its check together. */
      limit: durationSchema.default('5 minutes'),
    })
    .superRefine(exactlyOne(['command', 'post', 'person']))
    .meta(oneOf(['command', 'post', 'person']))
    .refine((it) => it.person === undefined || it.check !== undefined, 'expected a "check" of what the person does');
}

/** An action of the settings, parsed. */
export type ActionFields = z.output<ReturnType<typeof actionSchema>>;
/** The check of an action, parsed. */
export type CheckFields = NonNullable<ActionFields['check']>;

/** The same for editors, which know the schema alone. */
const oneOf = (names: readonly string[]): { oneOf: object[] } => ({
  oneOf: names.map((name) => ({ required: [name] })),
});

function exactlyOne(names: readonly string[]) {
  return (fields: Record<string, unknown>, context: z.RefinementCtx): void => {
    if (names.filter((name) => fields[name] !== undefined).length === 1) return;
    context.addIssue({
      code: 'custom',
      message: `expected exactly one of ${names.map((name) => `"${name}"`).join(', ')}`,
    });
  };
}
