import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Role } from '../../contract/run/names';

/** Where secrets come from, and for whom. */
export interface SecretSource {
  /** Variables that `env:NAME` names. */
  env: Readonly<Record<string, string | undefined>>;
  /** Of the settings file: paths are relative to it. */
  folder: string;
  /** Those that this worker serves. */
  roles: readonly Role[];
  /** Every resolved secret is added, so that it can be masked. */
  secrets: Set<string>;
}

/** A secret of the settings. `value` is there only if one of this worker's roles needs it. */
export interface Secret {
  /** `env:NAME` or `file:PATH`: not secret. */
  ref: string;
  /** Absent = none of the roles needs it. */
  value?: string;
}

/** Says what is wrong with a value, without the value; undefined if it is fine. */
export type SecretCheck = (value: string) => string | undefined;

const form = /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/s;
/** For editors, which then underline a secret that stands in the file itself. */
const shape = { pattern: form.source, examples: ['env:NAME', 'file:PATH'] };
const largestFileBytes = 65_536;

/** A field that holds `env:NAME` or `file:PATH`, resolved for the role that needs it and for no other. */
export const secretField = (source: SecretSource, needed: Role, check: SecretCheck = () => undefined) =>
  z
    .string()
    .meta(shape)
    .transform((ref, context): Secret => {
      const fail = (message: string): Secret => {
        context.addIssue({ code: 'custom', message });
        return z.NEVER;
      };
      if (!form.test(ref)) return fail('expected "env:NAME" or "file:PATH"; never put a secret itself into this file');
      if (!source.roles.includes(needed)) return { ref };
      const found = resolveSecret(ref, source);
      if ('fault' in found) return fail(found.fault);
      source.secrets.add(found.value);
      const fault = check(found.value);
      return fault === undefined ? { ref, value: found.value } : fail(`${fault} (from ${ref})`);
    });

function resolveSecret(ref: string, { env, folder }: SecretSource): { value: string } | { fault: string } {
  const [kind = '', name = ''] = [ref.slice(0, ref.indexOf(':')), ref.slice(ref.indexOf(':') + 1)];
  if (kind === 'env') {
    const value = env[name];
    return value ? { value } : { fault: `expected the environment variable ${name}; set it for this worker` };
  }
  try {
    const bytes = readFileSync(resolve(folder, name));
    if (bytes.length > largestFileBytes)
      return { fault: `expected at most ${largestFileBytes} bytes in the file ${name}` };
    const value = bytes.toString('utf8').replace(/\r?\n$/, '');
    return value ? { value } : { fault: `expected a secret in the file ${name}; it is empty` };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    return { fault: `expected to read the file ${name} (${code}); create it for the user of this worker` };
  }
}

/** A token or key that goes into an HTTP header. */
export const headerSafe: SecretCheck = (value) =>
  /^[\x21-\x7E]+( [\x21-\x7E]+)*$/.test(value) ? undefined : 'expected visible ASCII without line breaks';

/** A connection string of one of these schemes, with a host. */
export const urlOf =
  (schemes: readonly string[], { withPath = false } = {}): SecretCheck =>
  (value) => {
    const expected = `expected a URL such as ${schemes[0]}://user:password@host:port${withPath ? '/database' : ''}`;
    if (!URL.canParse(value)) return expected;
    const { protocol, hostname, pathname } = new URL(value);
    const isWhole = hostname !== '' && (!withPath || pathname.length > 1);
    return schemes.includes(protocol.slice(0, -1)) && isWhole ? undefined : expected;
  };
