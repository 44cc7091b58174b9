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
 * A proof can hold the two words (each at least once), text and number constants, comparisons, `||`, `+`, `-`, `*`, calls
 * of the functions below, and the casts below. So it can neither read anything else nor do anything. Throws with the first
 * thing it does not take.
 */
export const proofSql = (proof: string, { replacement, removed }: ProofColumns): string =>
  proofOver(proof, { replacement: quoteIdentifier(replacement), removed: quoteIdentifier(removed) });

/** The same over two expressions: SQL, each a name or in parentheses. */
export function proofOver(proof: string, expressions: ProofColumns): string {
  const tokens = checkedTokens(proof);
  for (const word of ['replacement', 'removed'] as const) {
    if (!tokens.includes(word)) throw new Error(`expected a proof that names "${word}", found ${shown(proof)}`);
  }
  return `(${written(tokens, expressions)})`;
}

/**
 * How the replacement follows from the removed value, as an expression over `column`: the right side of a proof of the
 * form `replacement = …`. Undefined for a proof that only tells whether two values belong together.
 */
export const replacementFrom = (proof: string, column: string): string | undefined =>
  follows(proof, 'replacement', { removed: quoteIdentifier(column), replacement: '' });

/** How the removed value follows from its replacement: of a proof of the form `removed = …`. `replacement` is SQL. */
export const removedFrom = (proof: string, replacement: string): string | undefined =>
  follows(proof, 'removed', { removed: '', replacement });

function follows(proof: string, word: keyof ProofColumns, expressions: ProofColumns): string | undefined {
  const tokens = checkedTokens(proof);
  const [left, equals] = tokens.filter((token) => token !== ' ');
  const right = tokens.slice(tokens.indexOf('=') + 1);
  if (left !== word || equals !== '=' || !balanced(right)) return undefined;
  const compares = right.some((token) => keywords.has(token) || token === word || /^(?:[<>!]?=|<>|<|>)$/.test(token));
  return compares ? undefined : `(${written(right, expressions).trim()})`;
}

/** Immutable, and without any effect. */
const functions = new Set(
  `encode decode convert_to sha224 sha256 sha384 sha512 md5 lower upper btrim ltrim rtrim concat coalesce nullif
  replace substr left right length octet_length`.split(/\s+/),
);

const keywords = new Set(['and', 'or', 'not', 'is', 'null', 'true', 'false']);

/**
 * To text: exact under the settings of our sessions, and never an error. To a number only of a word itself, and null where
 * the value is none: then nothing is proven, instead of the whole statement failing. None to `bytea`, which fails on
 * backslashes.
 */
const numbers: Record<string, { type: string; looksLike: string }> = {
  integer: { type: 'bigint', looksLike: '^\\s*[-+]?[0-9]{1,18}\\s*$' },
  bigint: { type: 'bigint', looksLike: '^\\s*[-+]?[0-9]{1,18}\\s*$' },
  numeric: { type: 'numeric', looksLike: '^\\s*[-+]?[0-9]{1,200}([.][0-9]{1,200})?\\s*$' },
};

const casts = ['text', ...Object.keys(numbers)];

const tokenPattern = /\s+|'(?:[^']|'')*'|\d+(?:\.\d+)?|[A-Za-z_][A-Za-z0-9_]*|\|\||::|<>|!=|<=|>=|[=<>(),+*-]/y;

function tokensOf(proof: string): string[] {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  for (let place = 0; place < proof.length; place = tokenPattern.lastIndex) {
    const found = tokenPattern.exec(proof);
    if (found === null)
      throw new Error(`expected a function, a constant or a comparison, found ${shown(proof.slice(place))}`);
    if (found[0].endsWith('-') && tokens.at(-1) === '-')
      throw new Error(`expected a function, a constant or a comparison, found ${shown(proof.slice(place - 1))}`);
    tokens.push(found[0]);
  }
  // White space is of no meaning, but keeps words apart and the text readable.
  return tokens.flatMap((token) => (/^\s/.test(token) ? [' '] : [token]));
}

/** Words in lower case; a cast is one token with its type. */
function checkedTokens(proof: string): string[] {
  const tokens: string[] = [];
  const all = tokensOf(proof);
  for (let place = 0; place < all.length; place += 1) {
    const token = all[place] ?? '';
    if (token === '::') {
      tokens.push(checkedCast(tokens.at(-1), all[place + 1]));
      place += 1;
    } else
      tokens.push(
        checked(
          token,
          all.slice(place + 1).find((next) => next !== ' '),
        ),
      );
  }
  if (!balanced(tokens)) throw new Error(`expected as many ")" as "(", found ${shown(proof)}`);
  return tokens;
}

const isSubject = (token: string | undefined): boolean => token === 'replacement' || token === 'removed';

function checkedCast(before: string | undefined, type = ''): string {
  const cast = type.toLowerCase();
  if (!casts.includes(cast)) throw new Error(`expected a cast to ${casts.join(', ')}, found ${shown(`::${type}`)}`);
  if (before !== undefined && (isSubject(before) || (cast === 'text' && before === ')'))) return `::${cast}`;
  const where = cast === 'text' ? '"replacement", "removed" or ")"' : '"replacement" or "removed"';
  throw new Error(`expected ${where} before the cast, found ${shown(`${before ?? ''}::${type}`)}`);
}

/** Only whole tokens are replaced: a text constant that holds one of the words stays as it is. */
function written(tokens: readonly string[], expressions: ProofColumns): string {
  return tokens
    .map((token, place) => {
      if (token === 'replacement' || token === 'removed') {
        const sql = expressions[token];
        const number = numbers[tokens[place + 1]?.slice(2) ?? ''];
        if (number === undefined || tokens[place + 1]?.startsWith('::') !== true) return sql;
        return `(case when ${sql}::text ~ '${number.looksLike}' then ${sql}::text::${number.type} end)`;
      }
      if (token.startsWith('::')) return token === '::text' ? token : '';
      return token;
    })
    .join('');
}

const isWord = (token: string): boolean => /^[A-Za-z_]/.test(token);

function checked(token: string, next: string | undefined): string {
  if (token.startsWith("'") && token.includes('\\')) {
    throw new Error(`expected a constant without a backslash, found ${shown(token)}`);
  }
  if (!isWord(token)) return token;
  const word = token.toLowerCase();
  if (next === '(' ? functions.has(word) : isSubject(word)) return word;
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
