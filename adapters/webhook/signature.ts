import { createHmac } from 'node:crypto';

/** `whsec_` and the base64 of 24 to 64 bytes, as Standard Webhooks has it. */
export function keyOf(secret: string): Buffer | undefined {
  const [, text = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const key = Buffer.from(text, 'base64');
  const isWhole = key.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '');
  return isWhole && key.length >= 24 && key.length <= 64 ? key : undefined;
}

/** What is signed, and with what. */
export interface Signable {
  secret: string;
  id: string;
  /** Of this attempt, in seconds since 1970. */
  timestamp: number;
  body: string;
}

/**
 * `v1,` and the HMAC-SHA256 over id, time and body: with the time in it an old call can't be sent again later, and with the id in it no
 * call can take the place of another (https://www.standardwebhooks.com, "Signature scheme").
 *
 * @throws Error if the secret can't be one
 */
export function signatureOf({ secret, id, timestamp, body }: Signable): string {
  const key = keyOf(secret);
  if (key === undefined) throw new Error('expected a secret of a webhook ("whsec_…"), found something else');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}
