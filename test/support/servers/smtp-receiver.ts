import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail as it arrived. */
export interface ReceivedMail {
  to: string[];
  from: string;
  messageId: string;
  subject: string;
  /** Headers and text as they were sent, soft line breaks undone. */
  raw: string;
  /** TLS was on. */
  secure: boolean;
  user: string | undefined;
}

/** What happens to a mail: an answer with this code, or an end of the connection after its text was taken and before the answer. */
export type MailBehaviour = { code: number } | 'cut';

/** A real SMTP server that keeps what it takes. */
export interface SmtpReceiver {
  port: number;
  mails: ReceivedMail[];
  /** Of the next mails, in their order; afterwards they are taken. */
  next: MailBehaviour[];
  /** Addresses that are refused for good. */
  unknown: Set<string>;
  close(): Promise<void>;
}

export interface SmtpOptions {
  /** Absent = no login is asked for. */
  login?: { user: string; password: string };
  /** Default: TLS is not offered. */
  tls?: { key: string; cert: string };
}

const refusal = (responseCode: number): Error => Object.assign(new Error('not now'), { responseCode });

export async function startSmtpReceiver({ login, tls }: SmtpOptions = {}): Promise<SmtpReceiver> {
  const receiver: Pick<SmtpReceiver, 'mails' | 'next' | 'unknown'> = { mails: [], next: [], unknown: new Set() };
  const options: SMTPServerOptions = {
    ...(tls ? { ...tls, disabledCommands: [] } : { disabledCommands: ['STARTTLS'] }),
    ...{ authOptional: login === undefined, allowInsecureAuth: true, logger: false, closeTimeout: 100 },
    onAuth: ({ username, password }, _session, callback) => {
      const isRight = username === login?.user && password === login?.password;
      callback(isRight ? null : refusal(535), isRight ? { user: username } : undefined);
    },
    onRcptTo: ({ address }, _session, callback) => callback(receiver.unknown.has(address) ? refusal(550) : null),
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const behaviour = receiver.next.shift();
        if (behaviour !== undefined && behaviour !== 'cut') return callback(refusal(behaviour.code));
        receiver.mails.push(parse(Buffer.concat(chunks).toString(), session));
        if (behaviour === undefined) return callback();
        // Taken, and nobody is told.
        const found = [...server.connections].find(({ session: { id } }) => id === session.id);
        (found as unknown as { _socket: { destroy(): void } } | undefined)?._socket.destroy();
      });
    },
  };
  const server = new SMTPServer(options);
  server.on('error', () => undefined); // a connection that was cut
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return Object.assign(receiver, {
    port,
    close: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  });
}

type Session = Parameters<NonNullable<SMTPServerOptions['onData']>>[1];

function parse(raw: string, { envelope, secure, user }: Session): ReceivedMail {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  const header = (name: string): string => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1] ?? '';
  return {
    to: envelope.rcptTo.map(({ address }) => address),
    from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
    messageId: header('Message-ID'),
    subject: header('Subject'),
    raw: raw.replace(/=\r\n/g, ''),
    secure,
    user: user === undefined ? undefined : String(user),
  };
}
