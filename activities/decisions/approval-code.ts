import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../../contract/text/canonical-json';
import type { CodePurpose, Gate, Purpose } from '../../contract/run/decisions';
import type { ApprovalKey } from './policy';

/** What the production worker adds of its own to a gate: nothing of it comes from a workflow. */
export interface OwnFacts {
  approvalKey: ApprovalKey;
  /** Of policy and people in its settings. */
  policyDigest: string;
  /** Of the production server behind the settings' URL. */
  systemIdentifier: string;
}

/** Crockford's base 32: no I, L, O, U, so that a code can be read out and typed. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** What one person can send for a gate: their vote, and a no that nobody can turn into one. */
export const codesOf = (own: OwnFacts, gate: Gate, person: string): { code: string; rejection: string } => ({
  code: approvalCode(own, gate, person),
  rejection: approvalCode(own, { ...gate, purpose: 'reject' }, person),
});

/**
 * One person's code for one opening of one gate: 80 bits of an HMAC over everything that the decision is bound to.
 * Whoever has no key can't make it; a code for other bytes, another evidence, time, person or purpose is another code.
 */
export function approvalCode(
  own: OwnFacts,
  gate: Omit<Gate, 'purpose'> & { purpose: CodePurpose },
  person: string,
): string {
  const { approvalKey: key, policyDigest, systemIdentifier } = own;
  const { workflowId, firstRun, target, name, challenge, purpose, planDigest, evidenceDigest, requesters, expiresAt } =
    gate;
  const bound = canonicalJson([
    key.id,
    workflowId,
    firstRun,
    name,
    challenge,
    purpose,
    planDigest,
    evidenceDigest,
    policyDigest,
    [...requesters].sort(),
    target,
    systemIdentifier,
    expiresAt,
    person,
  ]);
  const mac = createHmac('sha256', key.secret).update(bound).digest();
  let bits = '';
  for (const byte of mac.subarray(0, 10)) bits += byte.toString(2).padStart(8, '0');
  const codeMessages = (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)]);
  return (codeMessages.join('').match(/.{4}/g) ?? []).join('-');
}

/** As people type or paste it: any case, with any signs around or in between, O for 0, I or L for 1. */
export function normalizeCode(typed: string): string {
  const codeMessages = typed
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
  return (codeMessages.match(/.{1,4}/g) ?? []).join('-');
}

/** Compares without telling by its duration how much was right. */
export function sameCode(typed: string, code: string): boolean {
  const [a, b] = [Buffer.from(normalizeCode(typed)), Buffer.from(code)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The other purposes, to tell somebody that their code is for something else. */
export const otherPurposes = (purpose: Purpose): Purpose[] =>
  (['approve', 'accept', 'accept-loss', 'receive', 'hand-over'] as const).filter((other) => other !== purpose);
