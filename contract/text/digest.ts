import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json';

/**
 * sha256 (hex) over canonical JSON: what approvals are bound to. The order of keys makes no difference.
 * Activities and client only; a workflow is told digests, it never computes one.
 */
export const digestOf = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex');
