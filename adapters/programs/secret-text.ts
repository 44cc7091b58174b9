/**
 * Takes secrets out of text that comes from outside before it becomes an error, a log line or a message. The patterns
 * are a second line of defence: a secret that we hold is passed in by value, since no pattern knows every shape.
 */

const mask = '***';

/** Longer text is cut first, so that a hostile answer costs no time. */
const longestText = 16_384;

/** Words in a name that say "my value is secret"; a hash of a key is none, and needed in messages. */
const secretName =
  '(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization|cookie)(?![\\w-]{0,40}hash)[\\w-]{0,40}';

const patterns: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, mask],
  [/\bAGE-SECRET-KEY-[0-9A-Z-]+/gi, mask],
  // scheme://user:password@host; greedy, since a password may hold an unescaped '@'
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/'"<>]*@/gi, `$1${mask}@`],
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${mask}`],
  [/\b(?:xox[a-z]-|xapp-|sk-|gh[pousr]_|github_pat_|glpat-|AKIA)[\w-]{6,}/g, mask],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, mask],
  // SQLAlchemy's "[parameters: (…)]", up to the end: a value may hold any bracket
  [/(\[parameters:)[\s\S]*/gi, `$1 ${mask}`],
  // PostgreSQL's DETAIL and CONTEXT: "Key (a)=(value)", "Failing row contains (…)", "COPY t, line 1, column a: "…""
  [
    /(Key \([^()\n]*\)=\()[^\n]*?(\)(?= (?:already exists|is not present|is still referenced|conflicts)|\.?$)|$)/gm,
    `$1${mask})`,
  ],
  [/((?:Failing row|conflicting key) contains? \()[^\n]*/gi, `$1${mask})`],
  [/(COPY [^\n,]*, line \d+(?:, column [^\n:]*)?: )[^\n]*/g, `$1${mask}`],
  [
    /((?:input syntax for (?:type )?[\w ]+|out of range[\w ]*|value too long[\w ()]*|unnamed portal parameter[^\n:=]*|portal [^\n]{0,80} parameter \$\d+)\s?[:=] )[^\n]*/gi,
    `$1${mask}`,
  ],
  // "name": "value", name=value, Name: value
  [
    new RegExp(
      `(${secretName}["']?\\s*[:=]\\s*)("(?:[^"\\\\\\n]|\\\\.)*"?|'(?:[^'\\\\\\n]|\\\\.)*'?|[^\\s,;&"'}\\])]+(?:[^\\S\\n]+\\*{3})?)`,
      'gi',
    ),
    `$1${mask}`,
  ],
];

/** Masks what looks like a secret: connection strings, tokens, `name=value` of telling names, values in PostgreSQL's messages. */
export function maskSecrets(text: string): string {
  return patterns.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), cut(text));
}

/** Masks the given secrets, as they are and as URLs, JSON and base64 carry them, then whatever else looks like one. */
export function redact(text: string, secrets: Iterable<string> = []): string {
  const forms = [...secrets].filter((secret) => secret.length >= 4).flatMap(encodings);
  forms.sort((a, b) => b.length - a.length); // a secret may be part of another
  return maskSecrets(forms.reduce((masked, form) => masked.replaceAll(form, mask), text));
}

/** One line of at most 300 characters about an error of the outside world: its code and its masked message. */
export function safeMessage(error: unknown, secrets: Iterable<string> = []): string {
  const { message, code } = errorFacts(error);
  const line = redact(message, secrets).replace(/\s+/g, ' ').trim();
  const text = code === undefined || line.includes(code) ? line : `${code}: ${line}`;
  return text.length <= 300 ? text : `${text.slice(0, 299)}…`;
}

function errorFacts(error: unknown): { message: string; code: string | undefined } {
  // By shape: an error of Node itself is no instance of a test's own Error.
  if (typeof error !== 'object' || error === null || !('message' in error) || typeof error.message !== 'string')
    return { message: typeof error === 'string' ? error : 'unknown error', code: undefined };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  // A host with several addresses gives an AggregateError with an empty message.
  const first: unknown =
    'errors' in error && Array.isArray(error.errors) ? error.errors[0] : 'cause' in error && error.cause;
  if (first && (error.message === '' || error.message === 'fetch failed')) return errorFacts(first);
  return { message: error.message, code };
}

function encodings(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const wellFormed = Buffer.from(secret, 'utf8').toString('utf8'); // half a surrogate pair would throw
  return [...new Set([secret, encodeURIComponent(wellFormed), json, Buffer.from(secret, 'utf8').toString('base64')])];
}

const cut = (text: string): string => (text.length <= longestText ? text : `${text.slice(0, longestText)}…`);
