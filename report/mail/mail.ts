import type { Audience, RunEvent } from '../../contract/run/run-event';
import { approverMail } from './mail-approver';
import { onCallMail } from './mail-on-call';
import { requesterMail } from './mail-requester';
import { stakeholderMail } from './mail-stakeholder';
import type { MailText } from './mail-text';

/** What a person reads of an event, as what they are told it. Undefined = it is no news for them. */
export function mailOf(event: RunEvent, { person, as }: { person: string; as: Audience }): MailText | undefined {
  if (as === 'stakeholder') return stakeholderMail(event, person);
  switch (event.type) {
    case 'approval.requested':
      return approverMail(event, person);
    case 'question.asked':
    case 'rollback.ordered':
    case 'aftercare.found':
      return onCallMail(event, person);
    case 'run.ended':
      return requesterMail(event, person);
    default:
      return undefined;
  }
}
