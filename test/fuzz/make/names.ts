import type { Draw } from './draw';

/** Names as people and tools give them; the server takes each of them in quotes. */

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text constant, whatever is in it. */
export function literal(text: string): string {
  if (!/[\\']/.test(text) && [...text].every((codeMessage) => codeMessage >= ' ')) return `'${text}'`;
  const escaped = text.replaceAll('\\', '\\\\').replaceAll("'", "''");
  return `E'${[...escaped].map((codeMessage) => (codeMessage < ' ' ? octal(codeMessage) : codeMessage)).join('')}'`;
}

const octal = (codeMessage: string): string => `\\${codeMessage.charCodeAt(0).toString(8).padStart(3, '0')}`;

const plain = [
  'alpha',
  'bravo',
  'cargo',
  'delta',
  'ember',
  'flint',
  'gusto',
  'hazel',
  'indigo',
  'jolt',
  'karma',
  'lumen',
];

const odd = [
  ...['Größe', 'Order Details', 'order-items', 'user', 'select', 'MixedCase', 'with "quotes"', "it's", 'semi;colon'],
  ...['dollar$1', '漢字', 'a.b', 'percent%s', 'back\\slash', ' space ', 'tab\there', '1st', '-- dash', 'null'],
];

/** How a name looks. */
export type NameKind = 'plain' | 'odd' | 'long';

export const nameKinds: readonly (readonly [number, NameKind])[] = [
  [6, 'plain'],
  [3, 'odd'],
  [1, 'long'],
];

/** A name that no other of its case has: the number makes it so. */
export function nameOf(draw: Draw, kind: NameKind, number: number): string {
  if (kind === 'plain') return `${draw.pick(plain)}_${number}`;
  if (kind === 'odd') return `${draw.pick(odd)}${number}`;
  const start = `${draw.pick(plain)}_${number}_`;
  return start + 'long'.repeat(16).slice(0, 63 - start.length); // 63 bytes: the longest that the server keeps
}
