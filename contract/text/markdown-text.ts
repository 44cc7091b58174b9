import { oneLine } from './plain-text';

/** What somebody else wrote, as Markdown that shows it and does nothing else: one line, no marks, no links, no HTML. */
export const escapeMarkdown = (text: string, limit = 500): string =>
  oneLine(text, limit)
    // By backslashes, also for HTML: Temporal UI shows entities such as &lt; as they are written.
    .replace(/[\\`*[\]|~<>&]/g, '\\$&')
    // Within a word it is no mark, and names of columns are full of them.
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    // What would begin a heading or a list.
    .replace(/^(\d*)(?:([#+=-])|([.)]))(?=\s|$)/, '$1\\$2$3');

/** A block of code whose fence is longer than any in the code. */
export function codeBlock(code: string, language = ''): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${code}\n${fence}`;
}

/** A value within a line that people copy: digests, ids, names. */
export function codeSpan(text: string, limit = 300): string {
  const code = oneLine(text, limit).replaceAll('`', "'");
  return code === '' ? '–' : `\`${code}\``;
}
