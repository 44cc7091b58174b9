import { Lexer } from 'yaml';

/**
 * What a file may be, so that whoever writes a plan can't stop the worker that reads it. All is counted before anything is
 * built: reading what is left costs some tens of milliseconds at most.
 */
export const yamlLimits = {
  /** Plans travel in a payload and stand in history; settings need no more. */
  bytes: 256 * 1024,
  /** Names, values, marks, line ends, blanks: the first plan has 1,353. About 1,500 fields. */
  parts: 10_000,
  /** Levels of lists and fields within each other. */
  depth: 32,
  /** Faults that are told; of the others there is a number. */
  faults: 50,
} as const;

/** Where a text is more than that, and what to do about it. */
export interface TooMuch {
  /** Character of the text. */
  offset: number;
  message: string;
}

export const tooDeep = `expected at most ${yamlLimits.depth} levels of nesting, found more; write it flatter`;

/** Undefined: it may be parsed. Takes the text apart into its parts, one by one, and stops where there are too many. */
export function tooMuchIn(text: string): TooMuch | undefined {
  let [parts, offset, open, marks] = [0, 0, 0, 0];
  let isScalar = false;
  for (const part of new Lexer().lex(text)) {
    if (part === scalarFollows && !isScalar) isScalar = true;
    else if (!isControl(part)) {
      open += isScalar ? 0 : (nesting[part] ?? 0);
      if (!isBlank(part)) marks = !isScalar && isMark(part) ? marks + 1 : 0;
      if (Math.max(open, marks) > yamlLimits.depth) return { offset, message: tooDeep };
      parts += 1;
      if (parts > yamlLimits.parts) return { offset, message: tooLong };
      offset += part.length;
      isScalar = false;
    }
  }
  return undefined;
}

const tooLong = `expected at most ${yamlLimits.parts} names, values and marks, found more; leave out what isn't needed`;

/** The lexer's own signs, which stand for nothing in the text: a scalar follows; a document begins; an open list ends. */
const scalarFollows = '\u001f';
const isControl = (part: string): boolean => part === '\u0002' || part === '\u0018';

const nesting: Partial<Record<string, number>> = { '[': 1, '{': 1, ']': -1, '}': -1 };

/** `- - - a` nests on one line. */
const isMark = (part: string): boolean => part === '-' || part === '?' || part === ':';

const isBlank = (part: string): boolean => /^[ \t]+$/.test(part);
