import type { Pool } from 'pg';
import { hashOfKey, keyOfHeader } from './sample-key';
import type { Caller } from './releases';

const KNOWN = `SELECT EXISTS (SELECT FROM sessions WHERE owner_api_key_hash = $1)
                   OR EXISTS (SELECT FROM assistants WHERE owner_api_key_hash = $1) AS known`;

/**
 * The caller of a request, undefined for a wrong key (401). A key is right if it owns a row, found by its hash in both
 * releases; the sample needs no registry of keys. So a key that was put into a row beside somebody else's hash does not
 * authenticate: that is how the written rollback of the runbook locked out all 20,000 clients. No header: anonymous.
 */
export async function authenticate(pool: Pool, header: string | string[] | undefined): Promise<Caller | undefined> {
  if (header === undefined) return {};
  if (typeof header !== 'string') return undefined;
  const key = keyOfHeader(header);
  const hash = hashOfKey(key);
  const { rows } = await pool.query<{ known: boolean }>(KNOWN, [hash]);
  return rows[0]?.known ? { key, hash } : undefined;
}
