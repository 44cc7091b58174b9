import type { RunEvent } from '../../contract/run/run-event';
import { mailText, whereLines, type MailText } from './mail-text';

type Ended = Extract<RunEvent, { type: 'run.ended' }>;

/** How it ended, to those who have ordered or approved it. */
export function requesterMail(event: Ended, person: string): MailText {
  const { run, data } = event;
  const { outcome, because, report } = data;
  const what = `${run.kind === 'rollback' ? 'rollback of ' : ''}${run.plan} on ${run.target}`;
  const why = 'You get this mail because you have ordered or approved this.';
  return mailText({ person, why, subject: `${outcome}: ${what}` }, [
    [`the ${run.kind} has ended as "${outcome}".`],
    [because],
    [...whereLines(event), ...(report === undefined ? [] : [`Report: ${report} (on the control worker)`])],
  ]);
}
