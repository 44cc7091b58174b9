import { isUtf8 } from 'node:buffer';
import type { Redis } from 'ioredis';
import { literalPattern } from '../programs/literal-pattern';
import { possibleAnswers } from './pipeline';

/**
 * Whether one value has a field; `gone` = removed before it could be looked at; `unreadable` = too large, of a type that
 * is not known, or bytes that mean something only to their writer (compressed): such a value may have it.
 */
export type FieldKind = 'present' | 'presentButNull' | 'absent' | 'unreadable' | 'gone';

const longestValueBytes = 262_144;

/** Of a hash, list, set or stream; one with more is not read to its end. */
const mostElements = 1_000;

/** Bytes that a collection may take in Redis, so that a batch of them stays small. */
const largestCollectionBytes = 1_048_576;

/** Looks into values of any type; same order as `names`. What it has read stays in here. */
export async function fieldKinds(server: Redis, names: readonly Buffer[], field: string): Promise<FieldKind[]> {
  const types = await possibleAnswers(server.pipeline(names.map((name) => ['type', name])));
  const sizes = await possibleAnswers(server.pipeline(names.map((name) => ['memory', 'usage', name])));
  const isLarge = (index: number): boolean =>
    types[index] !== 'string' && Number(sizes[index] ?? 0) > largestCollectionBytes;
  const values = await possibleAnswers(
    server.pipeline(names.map((name, index) => (isLarge(index) ? ['type', name] : reading(types[index], name)))),
  );
  return names.map((_, index): FieldKind => {
    const [type, size, value] = [types[index], sizes[index], values[index]];
    if (type === 'none' || size === null) return 'gone';
    if (type === 'string') return isBytes(value) ? kindOf(value, field) : 'unreadable';
    if (!Array.isArray(value) || typeof size !== 'number' || isLarge(index)) return 'unreadable';
    const { elements, more } = elementsIn(String(type), value);
    const names = type === 'hash' || type === 'stream' ? elements : [];
    if (names.some((element) => element.equals(Buffer.from(field)))) return 'present';
    return worst([...elements.map((element) => kindOf(element, field)), ...(more ? ['unreadable' as const] : [])]);
  });
}

/** One command a type; `mostElements` and one more, so that it is seen that there are more. */
function reading(type: unknown, name: Buffer): [string, ...(string | number | Buffer)[]] {
  switch (type) {
    case 'hash':
      return ['hscanBuffer', name, 0, 'count', mostElements];
    case 'list':
      return ['lrangeBuffer', name, 0, mostElements];
    case 'set':
      return ['sscanBuffer', name, 0, 'count', mostElements];
    case 'zset':
      return ['zrangeBuffer', name, 0, mostElements];
    case 'stream':
      return ['xrangeBuffer', name, '-', '+', 'count', mostElements];
    default:
      return ['getrangeBuffer', name, 0, longestValueBytes];
  }
}

const isBytes = (value: unknown): value is Buffer => Buffer.isBuffer(value) && value.length <= longestValueBytes;

/** SCAN answers with a cursor, which is 0 at the end, and with a part. */
function elementsIn(type: string, answer: readonly unknown[]): { elements: Buffer[]; more: boolean } {
  const [cursor, part] = answer;
  const elements = bytesIn(['hash', 'set'].includes(type) ? part : answer);
  const isPart = ['hash', 'set'].includes(type) && String(cursor) !== '0';
  return { elements, more: isPart || elements.length > mostElements };
}

const bytesIn = (answer: unknown): Buffer[] =>
  Buffer.isBuffer(answer) ? [answer] : Array.isArray(answer) ? answer.flatMap(bytesIn) : [];

/** What one of them has, all of them have. */
const worst = (kinds: readonly FieldKind[]): FieldKind =>
  (['present', 'presentButNull', 'unreadable'] as const).find((kind) => kinds.includes(kind)) ?? 'absent';

/** JSON by its fields; other text, and bytes that hold text (pickle, MessagePack), by the word. */
function kindOf(value: Buffer, field: string): FieldKind {
  if (isUtf8(value)) return fieldIn(value.toString('utf8'), field);
  return hasWord(value.toString('latin1'), field) ? 'present' : 'unreadable';
}

function fieldIn(text: string, field: string): 'present' | 'presentButNull' | 'absent' {
  try {
    return fieldOf(JSON.parse(text), field);
  } catch {
    return hasWord(text, field) ? 'present' : 'absent';
  }
}

function hasWord(text: string, field: string): boolean {
  return new RegExp(`(?<![A-Za-z0-9_])${literalPattern(field)}(?![A-Za-z0-9_])`).test(text);
}

function fieldOf(value: unknown, field: string): 'present' | 'presentButNull' | 'absent' {
  if (typeof value === 'string') return /^\s*[{[]/.test(value) ? fieldIn(value, field) : 'absent'; // JSON within JSON
  if (typeof value !== 'object' || value === null) return 'absent';
  let found: 'presentButNull' | 'absent' = 'absent';
  for (const [name, inner] of Object.entries(value)) {
    const within = name !== field ? fieldOf(inner, field) : inner === null ? 'presentButNull' : 'present';
    if (within === 'present') return within;
    if (within === 'presentButNull') found = within;
  }
  return found;
}
