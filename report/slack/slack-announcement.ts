import type { Run } from '../../contract/run/decisions';
import { escapeMrkdwn, mrkdwnCode } from './mrkdwn';
import { context, section } from './slack-message';
import type { SlackMessage } from './slack-message';

/** One line for the thread; for stakeholders, who see it without the rollout's message, with what it is about. */
export function slackAnnouncement(announcement: { run: Run; text: string; broadcast?: boolean }): SlackMessage {
  const { run, text, broadcast } = announcement;
  const line = escapeMrkdwn(text, 2_000);
  const subject = context(`${escapeMrkdwn(run.target, 80)}  ${mrkdwnCode(run.workflowId)}`);
  return { text: line, blocks: [section(line === '' ? '…' : line), ...(broadcast === true ? [subject] : [])] };
}
