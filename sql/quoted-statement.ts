import { visible } from '../contract/text/plain-text';

/**
 * Statements as a text shows them, between double quotes. They run as they are copied, and nothing in them is unseen: a
 * name or a text with a tab, or with a mark that turns the direction of writing, is written by escapes that the server reads
 * (PostgreSQL documentation, "Identifiers with Unicode Escapes" and "String Constants with C-Style Escapes").
 */
export const quoted = (...sql: readonly string[]): string => `"${visibleStatement(sql.join('; '))}"`;

const visibleStatement = (sql: string): string =>
  visible(sql.replace(nameOrText, (part) => (visible(part) === part ? part : escaped(part))));

/** A quoted name, a text with escapes, or one without. */
const nameOrText = /"(?:[^"]|"")*"|\bE'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'/gis;

function escaped(part: string): string {
  if (part.startsWith('"')) return `U&${byCharacter(part.replaceAll('\\', '\\\\'), '', '+')}`;
  return byCharacter(part.startsWith("'") ? `E${part.replaceAll('\\', '\\\\')}` : part, 'u', 'U00');
}

/** `short` before four hexadecimal digits, `long` before six. */
const byCharacter = (text: string, short: string, long: string): string =>
  Array.from(text, (character) => {
    if (visible(character) === character) return character;
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length <= 4 ? `\\${short}${code.padStart(4, '0')}` : `\\${long}${code.padStart(6, '0')}`;
  }).join('');
