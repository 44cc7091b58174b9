import type { MissingApproval, OpenGate } from '../../contract/run/decisions';
import { readableInstant } from '../../contract/text/instant';
import { oneLine } from '../../contract/text/plain-text';
import { expiryClause, gateSubject, missingText } from '../run/approvals';
import { escapeMrkdwn, mrkdwnLink } from './mrkdwn';
import { section } from './slack-message';
import type { SlackMessage } from './slack-message';

/** To those who have not voted; without a code, which is in the first message. */
export function slackReminder(reminder: {
  gate: OpenGate;
  missing: readonly MissingApproval[];
  /** Of the run; undefined = the settings name no UI. */
  link: string | undefined;
}): SlackMessage {
  const { gate, missing, link } = reminder;
  const title = `Reminder: your decision is needed: ${oneLine(gate.target, 40)}: ${oneLine(gateSubject(gate), 80)}`;
  return {
    text: escapeMrkdwn(title, 300),
    blocks: [
      section(
        [
          `*${escapeMrkdwn(title, 300)}*`,
          `Still missing: ${escapeMrkdwn(missingText(missing.slice(0, 10)), 600)}, until ${readableInstant(gate.expiresAt)}; after that ${expiryClause(gate.purpose)}.`,
          `The details and your code are in the message above this thread; ${mrkdwnLink(link, 'open the run')}. You need no code to reject.`,
        ].join('\n'),
      ),
    ],
  };
}
