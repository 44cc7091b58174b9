import type { SlackMessage } from '../../../report/slack/slack-message';

/** What a person reads of a Slack message, top to bottom; the notification first, in parentheses. */
export function readableSlack({ text, blocks }: SlackMessage): string {
  return `${[`(${text})`, ...blocks.map((block) => textsOf(block).join('   '))].join('\n\n')}\n`;
}

function textsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('text' in value && typeof value.text === 'string') return [value.text];
  return Object.values(value).flatMap(textsOf);
}
