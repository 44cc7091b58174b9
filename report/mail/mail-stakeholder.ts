import type { NewEvent } from '../../contract/run/run-event';
import { newsForStakeholders } from '../run/stakeholder-news';
import { mailText, type MailText } from './mail-text';

/** The same as a mail; it names no run and no tool, which are none of a customer's business. */
export function stakeholderMail(event: NewEvent, person: string): MailText | undefined {
  const news = newsForStakeholders(event);
  if (news === undefined) return undefined;
  const why = `You get this mail because you follow changes of ${event.run.target}.`;
  return mailText({ person, why, subject: news.subject }, [news.lines]);
}
