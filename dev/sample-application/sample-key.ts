import { createHash } from 'node:crypto';

/** `owner_api_key_hash`: lower-case hex of sha256 over the key's UTF-8 bytes (runbook, "The application"). */
export function hashOfKey(key: string): string {
  return createHash('sha256').update(key, 'utf8').digest('hex');
}

/** A key as the value of a header. Headers carry bytes, which Node shows as latin1: any Unicode key passes this way. */
export function headerOfKey(key: string): string {
  return Buffer.from(key, 'utf8').toString('latin1');
}

/** The reverse of `headerOfKey`, on the server's side. */
export function keyOfHeader(header: string): string {
  return Buffer.from(header, 'latin1').toString('utf8');
}
