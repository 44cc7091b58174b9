import { safeMessage } from './secret-text';

/**
 * The first complaint of one of PostgreSQL's programs as one line of at most 300 characters that holds no value of the
 * database: COPY errors quote the very rows that they choke on. A tool's own words are kept without what they quote;
 * of the server's words only those that are known to name objects and nothing else.
 */
export function explainComplaint(stderr: string, tool: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const first = lines.find((line) => /\b(?:error|fatal|FATAL|PANIC)\b: /.test(line)) ?? lines[0];
  if (first === undefined) return `${tool} ended without a message`;
  const own = first.replace(/^\S*?\b(?:pg_\w+|psql|initdb|postgres|age): (?:error: |fatal: )?/, '');
  const server = /^(.*?(?:query failed|could not execute query|COPY failed for table "[^"]*"|failed): )(.*)$/.exec(own);
  const text = server === null ? withoutQuotes(own) : withoutQuotes(server[1] ?? '') + ofServer(server[2] ?? '');
  return safeMessage(`${tool}: ${text}${entryBefore(lines, first)}`);
}

/** What `pg_restore` was building: kind, schema and name, as the archive lists it. */
function entryBefore(lines: readonly string[], complaint: string): string {
  const at = lines.lastIndexOf(complaint);
  const entries = lines.filter((line, index) => Math.abs(index - at) === 1 && /from TOC entry /.test(line));
  const found = /from TOC entry \d+; \d+ \d+ (.+) \S+$/.exec(entries[0] ?? '')?.[1];
  return found === undefined ? '' : `, at ${found.slice(0, 120)}`;
}

/** Words before a quoted name of an object; anything else in quotes may be a value. */
const beforeNames = 'table|relation|column|index|constraint|type|function|schema|role|extension|database|sequence|snapshot|user|at|encoding|file'; // prettier-ignore

function withoutQuotes(text: string): string {
  const quoted = new RegExp(`(\\b(?:${beforeNames}) )?"(?:[^"]|"")*"?`, 'g');
  return text.replace(quoted, (match: string, before: string | undefined) => (before === undefined ? '"…"' : match));
}

const name = '(?:"[^"]*"|[\\w.]+)';
const objects = 'table|relation|view|sequence|schema|database|function|type|role|extension|collation|access method|text search configuration|language|operator class|materialized view'; // prettier-ignore

/** The server's words that name objects only, or nothing at all. */
const harmless = [
  `permission denied (?:for|to) [\\w ]+(?: ${name})?`,
  `(?:${objects}) ${name} (?:does not exist|already exists)`,
  `function [\\w."]+\\([\\w ,."[\\]]*\\) does not exist`,
  `extension ${name} is not available`,
  `(?:database|role|user) ${name} does not exist`,
  `password authentication failed for user ${name}`,
  `no pg_hba.conf entry for .*`,
  `duplicate key value violates unique constraint ${name}`,
  `could not create unique index ${name}`,
  `canceling statement due to .*`,
  `terminating connection due to .*`,
  `query would be affected by row-level security policy for table ${name}`,
  `(?:invalid|could not import|could not open|snapshot) [\\w ]*snapshot.*`,
  `must be (?:superuser|owner).*`,
  `(?:out of memory|out of shared memory|sorry, too many clients already|the database system is .*)`,
  `could not (?:extend|write to|write|open|read) .*: (?:No space left on device|Permission denied|Input/output error)`,
  `(?:missing data for|extra data after) .*`,
  `server closed the connection unexpectedly`,
  `Connection refused|No such file or directory|timeout expired`,
].map((words) => new RegExp(`^(?:${words})$`));

function ofServer(text: string): string {
  const words = text.replace(/^(?:ERROR|FATAL|PANIC): +/, '').trim();
  if (!harmless.some((pattern) => pattern.test(words)))
    return "the server's text is withheld, since it can quote values";
  return words.startsWith('missing data') ? 'missing data for a column' : words;
}
