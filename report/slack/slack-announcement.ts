import { escapeMrkdwn } from './mrkdwn';
import { section } from './slack-message';
import type { SlackMessage } from './slack-message';

/** One line for a thread, or for those who follow. */
export function slackAnnouncement(text: string): SlackMessage {
  const line = escapeMrkdwn(text, 2_000);
  return { text: line, blocks: [section(line === '' ? '…' : line)] };
}
