import { MailError, openMail } from '../../adapters/mail/mail';
import type { Receiver, RunEvent } from '../../contract/run/run-event';
import { digestOf } from '../../contract/text/digest';
import { mailOf } from '../../report/mail/mail';
import type { Person } from '../decisions/policy';
import type { Channels } from './channels';
import { later, never } from './delivery-failure';

/** @throws ApplicationFailure unless the mail server has taken it */
export async function sendMail(
  { mail: settings, people }: Channels & { people: readonly Person[] },
  event: RunEvent,
  { person, as }: Extract<Receiver, { person: string }>,
): Promise<void> {
  const address = people.find(({ name }) => name === person)?.email;
  if (settings === undefined || address === undefined)
    throw never(`expected mail and an email of ${person} in the settings, found none; they are told no more`);
  const text = mailOf(event, { person, as });
  if (text === undefined) throw never(`expected news for ${person} as ${as}, found ${event.type}`);
  try {
    const messageId = messageIdOf(event, person, settings.from);
    await openMail(settings).send({ ...text, to: address, messageId, date: new Date(event.at) });
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    const { kind, message } = error;
    throw kind === 'not-taken' ? never(message) : later(message, kind === 'refused' ? refusedRetryMs : undefined);
  }
}

/** Settings have to change; asking more often would not help. */
const refusedRetryMs = 60_000;

/** The same for every attempt: one of this event and person. */
const messageIdOf = (event: RunEvent, person: string, from: string): string => {
  const [, domain = 'rubicon.invalid'] = /@([^\s<>]+?)>?$/.exec(from) ?? [];
  return `<${event.id}.${digestOf(person).slice(0, 16)}@${domain}>`;
};
