import type { NodemailerError } from 'nodemailer/lib/errors.js';

/**
 * What a failed call means to its caller: `unreachable`: try again later; `refused`: the server does not let us send, and the settings
 * have to change; `not-taken`: it does not take this very mail, and never will.
 */
export type MailErrorKind = 'unreachable' | 'refused' | 'not-taken';

/**
 * The only error of the mail adapter. Its message is made here from known words: no address, no password, no text of the server, since
 * Temporal writes it into a history.
 */
export class MailError extends Error {
  override readonly name = 'MailError';
  constructor(
    readonly kind: MailErrorKind,
    readonly found: string,
    readonly remedy: string,
  ) {
    super(`expected the mail server to take it, found ${found}; ${remedy}`);
  }
}

/** Turns whatever nodemailer threw into one `MailError`; `host` and `port` are for its message. */
export function toMailError(error: unknown, { host, port }: { host: string; port: number }): MailError {
  const { code = '', command = '', responseCode, permanent = false } = error as NodemailerError;
  const at = `${host}:${port}`;
  const answer = responseCode === undefined ? '' : ` (SMTP ${responseCode})`;
  const checkServer = 'look whether mail.host and mail.port are right, and whether this machine may reach them';
  if (code === 'ETLS' || isCertificate(error)) return new MailError('refused', `no trusted TLS at ${at}`, tlsRemedy);
  if (code === 'EAUTH' || code === 'ENOAUTH')
    return new MailError(
      'refused',
      `no login at ${at}${answer}`,
      'correct mail.user and mail.password in the settings',
    );
  if (permanent && command.startsWith('MAIL'))
    return new MailError('refused', `the sender refused by ${at}${answer}`, 'correct mail.from in the settings');
  if (permanent && command.startsWith('RCPT'))
    return new MailError(
      'not-taken',
      `the address refused by ${at}${answer}`,
      "correct this person's email in the settings",
    );
  if (permanent && (code === 'EMESSAGE' || code === 'EENVELOPE'))
    return new MailError('not-taken', `the mail refused by ${at}${answer}`, 'ask who runs the mail server why');
  if (responseCode !== undefined) return new MailError('unreachable', `${at} busy${answer}`, 'it is tried again');
  const cause =
    (error as NodemailerError).originalCode ?? (error as NodemailerError).timeoutType ?? (code || 'no answer');
  return new MailError('unreachable', `${cause.toLowerCase().replaceAll('_', ' ')} at ${at}`, checkServer);
}

const tlsRemedy =
  'let the server offer TLS with a certificate for mail.host that this machine trusts (NODE_EXTRA_CA_CERTS for an own CA), or correct mail.tls';

/** OpenSSL's words for a chain or a name that does not hold. */
function isCertificate(error: unknown): boolean {
  const { code, originalCode, message = '' } = error as NodemailerError;
  return (
    /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_|SSL/.test(`${code ?? ''} ${originalCode ?? ''}`) ||
    /certificate/i.test(message)
  );
}
