import { isScalar } from 'yaml';

/**
 * Where a character of a text stands in the file that holds the text. Folding, quoting and indentation of YAML change white
 * space and write some characters as two, so that what is no white space is counted on both sides.
 *
 * @param field as the file's parser gives it, and where it starts in the file
 * @param offset in the field's text
 */
export function sourceOffset(
  file: string,
  { node, offset: start }: { node: unknown; offset: number },
  offset: number,
): number {
  if (!isScalar(node) || typeof node.value !== 'string') return start;
  let left = inkIn(node.value.slice(0, offset));
  let place = start;
  if (node.type === 'BLOCK_FOLDED' || node.type === 'BLOCK_LITERAL') place = file.indexOf('\n', start) + 1;
  else if (node.type === 'QUOTE_SINGLE' || node.type === 'QUOTE_DOUBLE') place += 1;
  const end = node.range?.[1] ?? file.length;
  for (; place < end; place += 1) {
    if (isBlank(file[place])) continue;
    if (left === 0) return place;
    left -= 1;
    if (isDoubled(node.type, file, place)) place += 1;
  }
  return start;
}

const isBlank = (character: string | undefined): boolean => character === undefined || /\s/.test(character);

const inkIn = (text: string): number => [...text.split('')].filter((character) => !isBlank(character)).length;

/** `''` in single quotes, a backslash and what follows in double ones. */
const isDoubled = (type: unknown, file: string, place: number): boolean =>
  (type === 'QUOTE_SINGLE' && file.startsWith("''", place)) || (type === 'QUOTE_DOUBLE' && file[place] === '\\');
