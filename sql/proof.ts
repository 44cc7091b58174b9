import { shown } from '../contract/faults';
import { quoteIdentifier } from './identifier';

/** Which columns the words `replacement` and `removed` of a proof stand for; not quoted yet. */
export interface ProofColumns {
  replacement: string;
  removed: string;
}

/**
 * A plan's proof as a condition over two columns, in parentheses.
 *
 * A proof can hold the two words (each at least once), text and number constants, comparisons, `||`, and calls of the
 * functions below. So it can neither read anything else nor do anything. Throws with the first thing it does not take.
 */
export function proofSql(proof: string, columns: ProofColumns): string {
  const tokens = tokensOf(proof);
  const words = tokens.map((token, place) =>
    checked(
      token,
      tokens.slice(place + 1).find((next) => next !== ' '),
    ),
  );
  for (const word of ['replacement', 'removed'] as const) {
    if (!words.includes(word)) throw new Error(`expected a proof that names "${word}", found ${shown(proof)}`);
  }
  if (!balanced(words)) throw new Error(`expected as many ")" as "(", found ${shown(proof)}`);
  const names: Record<string, string> = {
    replacement: quoteIdentifier(columns.replacement),
    removed: quoteIdentifier(columns.removed),
  };
  // Only whole tokens are replaced: a text constant that holds one of the words stays as it is.
  return `(${words.map((word) => (isWord(word) ? (names[word] ?? word) : word)).join('')})`;
}

/**
 * How the replacement follows from the removed value, as an expression over `column`: the right side of a proof of the
 * form `replacement = …`. Undefined for a proof that only tells whether two values belong together.
 */
export function replacementFrom(proof: string, column: string): string | undefined {
  proofSql(proof, { replacement: 'replacement', removed: 'removed' }); // throws for what is no proof
  const [, expression] = /^\s*replacement\s*=\s*(.+)$/is.exec(proof) ?? [];
  if (expression === undefined) return undefined;
  const words = tokensOf(expression).map((token) => (isWord(token) ? token.toLowerCase() : token));
  const compares = words.some(
    (word) => keywords.has(word) || word === 'replacement' || /^(?:[<>!]?=|<>|<|>)$/.test(word),
  );
  if (compares || !balanced(words)) return undefined;
  return `(${words.map((word) => (word === 'removed' ? quoteIdentifier(column) : word)).join('')})`;
}

/** Immutable, and without any effect. `bytea` casts are no way: they fail on backslashes, so there are no casts. */
const functions = new Set(
  `encode decode convert_to sha224 sha256 sha384 sha512 md5 lower upper btrim ltrim rtrim concat coalesce nullif
  replace substr left right length octet_length`.split(/\s+/),
);

const keywords = new Set(['and', 'or', 'not', 'is', 'null', 'true', 'false']);

const tokenPattern = /\s+|'(?:[^']|'')*'|\d+(?:\.\d+)?|[A-Za-z_][A-Za-z0-9_]*|\|\||<>|!=|<=|>=|[=<>(),]/y;

function tokensOf(proof: string): string[] {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  for (let place = 0; place < proof.length; place = tokenPattern.lastIndex) {
    const found = tokenPattern.exec(proof);
    if (found === null)
      throw new Error(`expected a function, a constant or a comparison, found ${shown(proof.slice(place))}`);
    tokens.push(found[0]);
  }
  // White space is of no meaning, but keeps words apart and the text readable.
  return tokens.flatMap((token) => (/^\s/.test(token) ? [' '] : [token]));
}

const isWord = (token: string): boolean => /^[A-Za-z_]/.test(token);

function checked(token: string, next: string | undefined): string {
  if (token.startsWith("'") && token.includes('\\')) {
    throw new Error(`expected a constant without a backslash, found ${shown(token)}`);
  }
  if (!isWord(token)) return token;
  const word = token.toLowerCase();
  if (next === '(' ? functions.has(word) : word === 'replacement' || word === 'removed') return word;
  if (keywords.has(word)) return word;
  const expected = next === '(' ? 'a function of the list' : '"replacement" or "removed"';
  throw new Error(`expected ${expected}, found ${shown(token)}; functions: ${[...functions].join(', ')}`);
}

function balanced(tokens: readonly string[]): boolean {
  let depth = 0;
  for (const token of tokens) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}
