import { createTransport } from 'nodemailer';
import { toMailError } from './error';

export { MailError } from './error';

/** How mail is sent. */
export interface MailSettings {
  host: string;
  port: number;
  /** `starttls`: a server that does not offer it is refused; `implicit`: TLS from the first byte; `none`: readable on its way. */
  tls: 'starttls' | 'implicit' | 'none';
  /** Absent = the server wants no login. */
  login?: { user: string; password: string };
  /** `Name <address>`, or an address. */
  from: string;
}

/** One mail to one person. */
export interface Mail {
  to: string;
  subject: string;
  /** Plain text. */
  text: string;
  /** The same for every attempt, between `<` and `>`: by it a mailbox, or a person, knows what is there already. */
  messageId: string;
  /** When the thing happened: the same for every attempt. */
  date: Date;
}

/** A server that sends mail. Every method tries once, on a connection of its own, and throws only `MailError`. */
export interface MailServer {
  /**
   * Resolves once the server has taken it. If the connection breaks after the mail was sent and before the answer, nobody can know
   * whether it was: sent again, it has the same Message-ID.
   */
  send(mail: Mail): Promise<void>;
  /** Connects, and logs in where the settings say so. Sends nothing. */
  verify(): Promise<void>;
}

/** Of each wait; a call has several of them. */
const timeoutMs = 10_000;

/** Connects only when called, so there is nothing to close. */
export function openMail({ host, port, tls, login, from }: MailSettings, waitMs = timeoutMs): MailServer {
  const transport = createTransport({
    ...{ host, port, secure: tls === 'implicit', requireTLS: tls === 'starttls', ignoreTLS: tls === 'none' },
    ...(login && { auth: { user: login.user, pass: login.password } }),
    ...{ connectionTimeout: waitMs, greetingTimeout: waitMs, socketTimeout: waitMs, dnsTimeout: waitMs },
    // A mail is made of text that others wrote: no file and no address is ever opened for it.
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  const call = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      throw toMailError(error, { host, port });
    }
  };
  return {
    send: ({ to, subject, text, messageId, date }) =>
      call(() =>
        transport.sendMail({
          ...{ from, to: { name: '', address: to }, subject, text, messageId, date },
          // RFC 3834: no answer of a machine, and none of an absent person.
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        }),
      ),
    verify: () => call(() => transport.verify()),
  };
}
