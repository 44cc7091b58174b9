import type { SlackMessage } from '../../../report/slack/slack-message';

/** What a person reads of a Slack message, top to bottom; the notification first, in parentheses; a button with what it does. */
export function readableSlack({ text, blocks }: SlackMessage): string {
  return `${[`(${text})`, ...blocks.map((block) => textsOf(block).join('   '))].join('\n\n')}\n`;
}

function textsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('type' in value && value.type === 'button') return [buttonOf(value)];
  if ('text' in value && typeof value.text === 'string') return [value.text];
  return Object.values(value).flatMap(textsOf);
}

/** A button leads somewhere, or sends something: a wrong target looks the same to the eye. */
function buttonOf(button: object): string {
  const { text, url, action_id, value } = button as Record<string, unknown>;
  const leads = [url, action_id, value].filter((part) => typeof part === 'string');
  return `[${textsOf(text).join(' ')}]${leads.length === 0 ? '' : ` → ${leads.join(' ')}`}`;
}
