import type { RunEvent } from '../../contract/run/run-event';
import { readableInstant } from '../../contract/text/instant';
import { namesText } from '../run/approvals';
import { mailText, whereLines, type MailText } from './mail-text';

type Requested = Extract<RunEvent, { type: 'approval.requested' }>;

/**
 * Something waits for an approver. It has no code, which goes to them alone through Slack: whoever runs the control worker, or reads a
 * mailbox, must not be able to vote.
 */
export function approverMail(event: Requested, person: string): MailText {
  const { run, data } = event;
  const { gate, needs, asked, until } = data;
  const wanted = Object.entries(needs).map(([role, count]) => `${count} of role "${role}"`);
  const subject = `Your approval is requested: ${run.kind === 'rollback' ? 'rollback of ' : ''}${run.plan} on ${run.target}`;
  const why =
    'You get this mail because you may approve changes of Rubicon. Mails hold no code, and nobody may ask you for one.';
  return mailText({ person, subject, why }, [
    [
      run.kind === 'rollback'
        ? `a rollback of ${run.plan} on ${run.target} waits for your approval.`
        : `a change of ${run.target} waits for your approval: ${run.does}`,
    ],
    [
      `Request:      ${gate}`,
      `Requested by: ${namesText(run.requesters)}`,
      `Requires:     ${wanted.join(', ')}`,
      `Until:        ${readableInstant(until)}`,
    ],
    [
      asked.includes(person)
        ? "Your code, what will be deleted and the way back are in Slack's direct message to you. Approve or reject as it says there."
        : "Slack could not bring you a code, so you can't vote yet. Tell the release manager.",
    ],
    whereLines(event),
  ]);
}
