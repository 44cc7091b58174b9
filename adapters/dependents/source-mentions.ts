import { literalPattern } from '../programs/literal-pattern';
import { statementsOf, type Token } from './source-tokens';

/** What a function's source is looked through for. */
export interface Mentioned {
  /** Unquoted, like every name here. */
  schema: string;
  table: string;
  /** Absent = the table itself. */
  column?: string;
  /** Other tables and views that have a column of this name, or, without one, have the table's name in another schema. */
  others: readonly { schema: string; table: string }[];
}

/** A function's source, and what decides what its words mean. */
export interface Source {
  /** Only `sql` and `plpgsql` are taken apart; a word in any other language is `possible`. */
  language: string;
  /** Its body, `prosrc`. */
  text: string;
  /** Names of its parameters: a word that is one of them need not be a column. */
  parameters: readonly string[];
  /** It is called by a trigger of the table, so that NEW and OLD are its rows. */
  isTriggerOfTable: boolean;
}

/** How sure it is that a source names what is looked for; see {@link mentions}. */
export type Certainty = 'certain' | 'possible' | 'none';

/**
 * How sure it is that a source names a column or a table. `certain`: a statement of it names the column of this table.
 * `possible`: the word is in it, as a name of something or within a text. `none`: in comments alone, as part of another
 * word, as a function, or as what another table of the statement has.
 */
export async function mentions(source: Source, what: Mentioned): Promise<Certainty> {
  const word = what.column ?? what.table;
  if (!containsWord(source.text, word)) return 'none';
  const statements = ['sql', 'plpgsql'].includes(source.language) ? await statementsOf(source.text) : undefined;
  if (statements === undefined) return 'possible'; // another language, or not understood
  const isVariable = source.parameters.includes(word) || isDeclared(statements.flat(), word);
  const judge = what.column === undefined ? tableAt : columnAt({ ...source, isVariable });
  const found = statements.flatMap((tokens) =>
    tokens.map(({ kind, value }, index): Certainty => {
      if (kind === 'text') return containsWord(value, word) ? 'possible' : 'none';
      return kind !== 'name' || value !== word || isCalled(tokens, index) ? 'none' : judge(tokens, index, what);
    }),
  );
  return found.includes('certain') ? 'certain' : found.includes('possible') ? 'possible' : 'none';
}

/** As a whole word, in whatever case; other letters, digits and `_` beside it make it another word. */
function containsWord(text: string, word: string): boolean {
  return new RegExp(`(?<![\\p{L}\\p{N}_])${literalPattern(word)}(?![\\p{L}\\p{N}_])`, 'iu').test(text);
}

/** `auth.email()` calls a function; in `insert into sessions (…)` it is what stands before the parenthesis. */
const isCalled = (tokens: readonly Token[], index: number): boolean => {
  if (tokens[index + 1]?.value !== '(') return false;
  let start = index;
  while (tokens[start - 1]?.value === '.') start -= 2;
  return tokens[start - 1]?.value !== 'into';
};

/** Between DECLARE and BEGIN each declaration is what the lexer takes for a statement; the first one follows DECLARE. */
const isDeclared = (tokens: readonly Token[], word: string): boolean => {
  const from = tokens.findIndex(({ value }) => value === 'declare');
  const to = tokens.findIndex(({ value }) => value === 'begin');
  return from >= 0 && tokens.slice(from, to < 0 ? undefined : to).some(({ value }) => value === word);
};

/** What stands before the dot before this name. */
const qualifierAt = (tokens: readonly Token[], index: number): string | undefined =>
  tokens[index - 1]?.value === '.' ? tokens[index - 2]?.value : undefined;

/** Words after which a table stands. */
const before = ['from', 'join', 'into', 'update', 'only', 'table', 'truncate', 'using', 'lock', 'copy', ','];

/** Where a statement names the table: with its schema, or with none where a table stands. */
const placesOf = (tokens: readonly Token[], { schema, table }: Pick<Mentioned, 'schema' | 'table'>): number[] =>
  tokens.flatMap(({ kind, value }, index) => {
    if (kind !== 'name' || value !== table) return [];
    const qualifier = qualifierAt(tokens, index);
    const isThere = qualifier === undefined ? before.includes(tokens[index - 1]?.value ?? '') : qualifier === schema;
    return isThere ? [index] : [];
  });

function tableAt(tokens: readonly Token[], index: number, what: Mentioned): Certainty {
  const qualifier = qualifierAt(tokens, index);
  if (qualifier === what.schema) return 'certain';
  if (qualifier !== undefined) return what.others.some(({ schema }) => schema === qualifier) ? 'none' : 'possible';
  return what.others.length === 0 && placesOf(tokens, what).includes(index) ? 'certain' : 'possible';
}

const columnAt =
  ({ isVariable, isTriggerOfTable }: Pick<Source, 'isTriggerOfTable'> & { isVariable: boolean }) =>
  (tokens: readonly Token[], index: number, what: Mentioned): Certainty => {
    const qualifier = qualifierAt(tokens, index);
    if (['new', 'old'].includes(qualifier ?? '')) return isTriggerOfTable ? 'certain' : 'possible';
    const places = placesOf(tokens, what);
    const others = what.others.filter((other) => placesOf(tokens, other).length > 0);
    if (places.length === 0) return others.length > 0 ? 'none' : 'possible';
    const aliases = places.map((place) => aliasAt(tokens, place + 1) ?? what.table);
    if (qualifier !== undefined) return aliases.includes(qualifier) ? 'certain' : 'possible';
    const isRenaming = tokens[index - 1]?.value === 'as' || ['=>', ':='].includes(tokens[index + 1]?.value ?? '');
    return others.length > 0 || isVariable || isRenaming ? 'possible' : 'certain';
  };

/** Words that follow a table and are no alias of it. */
const noAlias = ['where', 'set', 'on', 'join', 'inner', 'left', 'right', 'full', 'cross', 'natural', 'order', 'group'];

function aliasAt(tokens: readonly Token[], index: number): string | undefined {
  const at = tokens[index]?.value === 'as' ? index + 1 : index;
  const token = tokens[at];
  return token?.kind === 'name' && !noAlias.includes(token.value) ? token.value : undefined;
}
