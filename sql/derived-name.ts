import { utf8Length } from '../contract/text/plain-text';

/** PostgreSQL cuts longer names silently; they would then mean something else. */
const longestBytes = 63;

/**
 * A name of ours for an object that belongs to another one: always the same for the same name, and never longer than
 * the server takes. A long one is cut, and ends in a checksum of the whole.
 */
export function derivedName(prefix: string, name: string): string {
  const whole = `${prefix}${name}`;
  if (utf8Length(whole) <= longestBytes) return whole;
  const end = `_${checksum(whole)}`;
  let start = '';
  for (const character of whole) {
    if (utf8Length(start + character) > longestBytes - end.length) break;
    start += character;
  }
  return start + end;
}

/** FNV-1a, 32 bits, hex: this code has no Node, and nobody attacks a column's name with it. */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
