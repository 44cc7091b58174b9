import { oneLine } from '../../contract/text/plain-text';

/** Slack's mrkdwn has no escape for its marks: only these three characters are escaped, marks get look-alikes. */
const escapeControl = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

const lookAlikes: Record<string, string> = { '*': '∗', _: 'ˍ', '~': '∼', '`': 'ˋ' };

/** What somebody else wrote, as mrkdwn that shows it and does nothing else: one line, no marks, mentions or links. */
export const escapeMrkdwn = (text: string, limit = 500): string =>
  escapeControl(
    oneLine(text, limit).replace(
      // Marks work at the border of a word only; within one they are left as they are, for names of columns.
      /`|(?<![\p{L}\p{N}])[*_~]|[*_~](?![\p{L}\p{N}])/gu,
      (mark) => lookAlikes[mark] ?? mark,
    ),
  );

/** A value within a line that people copy. */
export function mrkdwnCode(text: string, limit = 200): string {
  const code = escapeControl(oneLine(text, limit).replaceAll('`', 'ˋ'));
  return code === '' ? '–' : `\`${code}\``;
}

/** A block that people copy; line breaks stay. */
export const mrkdwnCodeBlock = (code: string): string =>
  `\`\`\`\n${escapeControl(code.replaceAll('```', 'ˋˋˋ'))}\n\`\`\``;

/** A link, or only its label if the address is none. */
export const mrkdwnLink = (url: string | undefined, label: string): string =>
  url !== undefined && /^https?:\/\/[^\s<>|]+$/.test(url) ? `<${escapeControl(url)}|${label}>` : label;
