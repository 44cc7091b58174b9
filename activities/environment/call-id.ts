import { createHmac, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';

/**
 * Each call of ours carries an id of its own, which the application may log with whatever the call causes. It proves itself:
 * its second half follows from its first half and from a secret that only workers of this environment have. So a line
 * is known as ours by what was sent, whoever reads it: another rollout, another worker, months later. And no client can pass
 * its own failures off as ours.
 */

/** Headers that applications and proxies log: whichever of them is logged is enough. */
const headers = ['X-Correlation-ID', 'X-Request-ID'];

const form = /rubicon-([0-9a-f]{16})-([0-9a-f]{16})/g;

/** Of the secret, once a process: guessing it from a line of a log must stay dear. */
const keys = new Map<string, Buffer>();

function keyOf(secret: string): Buffer {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const key = scryptSync(secret, 'rubicon: ids of calls', 32);
  keys.set(secret, key);
  return key;
}

const proofOf = (chance: string, secret: string): Buffer =>
  createHmac('sha256', keyOf(secret)).update(chance).digest().subarray(0, 8);

/** `secret`: the key of the probes, which all workers of this environment share, and keep. */
export function newCallId(secret: string): string {
  const chance = randomBytes(8).toString('hex');
  return `rubicon-${chance}-${proofOf(chance, secret).toString('hex')}`;
}

/** The first id of ours in a text; undefined: there is none. */
export function findCallId(text: string, secret: string): string | undefined {
  if (!text.includes('rubicon-')) return undefined; // nearly every line of a log
  for (const [id, chance = '', proof = ''] of text.matchAll(form))
    if (timingSafeEqual(Buffer.from(proof, 'hex'), proofOf(chance, secret))) return id;
  return undefined;
}

/** Headers with an id. `extra`: one more that this application's log shows, by the settings. */
export const callIdHeaders = (id: string, extra?: string): Record<string, string> => ({
  ...Object.fromEntries([...headers, ...(extra === undefined ? [] : [extra])].map((name) => [name, id])),
  'User-Agent': `rubicon/${id}`,
});
