import { z } from 'zod';
import type { MailChannel, NamedWebhook } from '../../activities/delivery/channels';
import { keyOf } from '../../adapters/webhook/signature';
import { eventTypes } from '../../contract/run/run-event';
import { addressField } from './settings-actions';
import { secretField, type SecretCheck, type SecretSource } from './settings-secrets';

const isWebhookSecret: SecretCheck = (value) =>
  keyOf(value) === undefined
    ? 'expected "whsec_" and the base64 of 24 to 64 bytes; make one with: echo "whsec_$(openssl rand -base64 32)"'
    : undefined;

/** Receivers of signed events. */
export const webhooksSchema = (source: SecretSource) =>
  z
    .array(
      z.strictObject({
        /** What histories and people call it, since its address may be secret. */
        name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'expected lower-case letters, digits and hyphens'),
        /** Events are posted there. A secret one stands as `env:NAME` or `file:PATH`. */
        url: addressField(source, 'control'),
        /** Signs them, as Standard Webhooks has it; each receiver has a secret of its own. */
        secret: secretField(source, 'control', isWebhookSecret),
        /** Those that it wants; without it all. */
        events: z.array(z.enum(eventTypes)).min(1).optional(),
      }),
    )
    .max(20)
    .superRefine((hooks, context) => {
      for (const [index, { name }] of hooks.entries()) {
        if (hooks.findIndex((each) => each.name === name) === index) continue;
        context.addIssue({
          code: 'custom',
          path: [index, 'name'],
          message: 'expected a name of its own',
        });
      }
    });

/** A host of one label or more, or an IP address. */
const host = z.string().regex(/^(?!-)[A-Za-z0-9.:-]{1,253}$/, 'expected the name or address of a host, without a port');

/** `Name <address>`, or an address. */
const sender = z
  .string()
  .regex(/^(?:[^<>"\r\n@]{1,80} <[^<>\s@]+@[^<>\s@]+>|[^<>\s@]+@[^<>\s@]+)$/, 'expected "Name <name@example.com>"');

/** The mail server. */
export const mailSchema = (source: SecretSource) =>
  z
    .strictObject({
      host,
      /** Default: 587, for TLS from the first byte 465. */
      port: z.int().min(1).max(65_535).optional(),
      /** `starttls`: begun on the plain connection, and nothing is sent without; `implicit`: from the first byte; `none`. */
      tls: z.enum(['starttls', 'implicit', 'none']).default('starttls'),
      /** With `password`, where the server wants a login. */
      user: z.string().min(1).max(200).optional(),
      password: secretField(source, 'control').optional(),
      from: sender,
      /** Role of those who are told in a customer's words: change ahead, done, taken back. */
      stakeholders: z.string().min(1).default('stakeholder'),
    })
    .refine(({ user, password }) => (user === undefined) === (password === undefined), {
      path: ['user'],
      message: 'expected "user" and "password" together',
    })
    .refine(({ tls, password, host: name }) => tls !== 'none' || password === undefined || isLocal(name), {
      path: ['tls'],
      message: 'expected TLS: without it the password is readable on its way',
    });

/** This machine: what is sent to it is on no wire. */
export const isLocal = (name: string): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(name);

/** Webhooks for the activities of the control role; empty for others, who have neither address nor secret. */
export const webhooksOf = (fields: z.output<ReturnType<typeof webhooksSchema>>): NamedWebhook[] =>
  fields.flatMap(({ name, url, secret, events }) => {
    const address = typeof url === 'string' ? url : url.value;
    if (address === undefined || secret.value === undefined) return [];
    return [{ name, url: address, secret: secret.value, ...(events !== undefined && { events }) }];
  });

/** The mail server likewise; a server without a login is known to all roles, and used by the control role alone. */
export function mailOf({
  host,
  port,
  tls,
  user,
  password,
  ...rest
}: z.output<ReturnType<typeof mailSchema>>): MailChannel {
  const usual = tls === 'implicit' ? 465 : 587;
  const login = user !== undefined && password?.value !== undefined ? { user, password: password.value } : undefined;
  return { host, port: port ?? usual, tls, ...rest, ...(login && { login }) };
}
