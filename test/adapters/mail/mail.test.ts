import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MailError, openMail, type MailSettings } from '../../../adapters/mail/mail';
import { startSmtpReceiver, type SmtpReceiver } from '../../support/servers/smtp-receiver';

const login = { user: 'rubicon', password: 'pass-S3CRET-word' };
let folder: string;
let plain: SmtpReceiver;
let guarded: SmtpReceiver;
let certificate: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rubicon-test-mail-'));
  certificate = join(folder, 'cert.pem');
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
      ...['-keyout', join(folder, 'key.pem'), '-out', certificate],
    ],
    { stdio: 'ignore' },
  );
  const tls = { key: readFileSync(join(folder, 'key.pem'), 'utf8'), cert: readFileSync(certificate, 'utf8') };
  [plain, guarded] = await Promise.all([startSmtpReceiver(), startSmtpReceiver({ login, tls })]);
});
afterAll(async () => {
  await Promise.all([plain.close(), guarded.close()]);
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  plain.mails.length = 0;
  plain.next.length = 0;
});

const settings = (change: Partial<MailSettings> = {}): MailSettings => ({
  ...{ host: '127.0.0.1', port: plain.port, tls: 'none', from: 'Rubicon <rubicon@example.com>' },
  ...change,
});
const mail = {
  to: 'anna@example.com',
  subject: 'Your approval is requested: drop-plaintext-api-keys',
  text: 'Hello Änna,\n\n.\nA line with a dot alone above.\n',
  messageId: '<evt_1.anna@example.com>',
  date: new Date('2026-11-24T10:00:00Z'),
};
const kindOf = async (sent: Promise<void>): Promise<MailError> => {
  const error = await sent.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MailError)) throw new Error(`expected a MailError, found ${String(error)}`);
  return error;
};

test('a mail arrives once, with its Message-ID and date, as text', async () => {
  await openMail(settings()).send(mail);
  expect(plain.mails).toHaveLength(1);
  const [{ to, from, messageId, subject, raw } = { raw: '' }] = plain.mails;
  expect({ to, from, messageId, subject }).toEqual({
    ...{ to: ['anna@example.com'], from: 'rubicon@example.com' },
    ...{ messageId: mail.messageId, subject: mail.subject },
  });
  expect(raw).toContain('Date: Tue, 24 Nov 2026 10:00:00 +0000');
  expect(raw).toContain('Auto-Submitted: auto-generated');
  expect(raw).toContain('Content-Type: text/plain; charset=utf-8');
});

test('a subject can add no header, and an address no other one', async () => {
  await openMail(settings()).send({ ...mail, subject: 'x\r\nBcc: eve@example.com', to: 'anna@example.com' });
  const [only] = plain.mails;
  expect(only?.to).toEqual(['anna@example.com']);
  expect(only?.raw).not.toMatch(/^Bcc:/im);
});

test('what was taken, and whose answer was lost, is sent again with the same Message-ID', async () => {
  plain.next.push('cut');
  const server = openMail(settings());
  expect((await kindOf(server.send(mail))).kind).toBe('unreachable');
  await server.send(mail);
  expect(plain.mails.map(({ messageId }) => messageId)).toEqual([mail.messageId, mail.messageId]);
});

test.each([
  [{ code: 451 }, 'unreachable', 'busy (SMTP 451)'],
  [{ code: 554 }, 'not-taken', 'the mail refused'],
] as const)('an answer %j to the text: %s', async (behaviour, kind, found) => {
  plain.next.push(behaviour);
  const error = await kindOf(openMail(settings()).send(mail));
  expect(error.kind).toBe(kind);
  expect(error.message).toContain(found);
});

test('an address that is unknown there is not tried for ever, and stands in no message', async () => {
  plain.unknown.add('ghost@example.com');
  const error = await kindOf(openMail(settings()).send({ ...mail, to: 'ghost@example.com' }));
  expect(error.kind).toBe('not-taken');
  expect(error.message).not.toContain('ghost@');
});

test('no server, and one that says nothing: unreachable, within the limit', async () => {
  expect((await kindOf(openMail(settings({ port: 1 })).verify())).kind).toBe('unreachable');
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const error = await kindOf(openMail(settings({ port }), 300).verify());
  expect(error.message).toMatch(/greeting timeout/);
  for (const socket of sockets) socket.destroy();
  silent.close();
});

describe('TLS and login', () => {
  const overTls = (change: Partial<MailSettings> = {}) =>
    settings({ host: 'localhost', port: guarded.port, tls: 'starttls', login, ...change });

  test('without TLS at the server no password is sent', async () => {
    const seen = await kindOf(openMail(settings({ tls: 'starttls', login })).verify());
    expect(seen.kind).toBe('refused');
    expect(seen.message).toContain('no trusted TLS');
  });

  test('a certificate that nobody here trusts is refused', async () => {
    const error = await kindOf(openMail(overTls()).send(mail));
    expect({ kind: error.kind, mails: guarded.mails }).toEqual({ kind: 'refused', mails: [] });
    expect(error.message).toContain('no trusted TLS');
  });

  test('with a trusted one the mail is sent over TLS, after a login', () => {
    const script = `
      const { openMail } = require('./adapters/mail/mail');
      const server = openMail(${JSON.stringify(overTls())});
      server.verify().then(() => server.send({ ...${JSON.stringify(mail)}, date: new Date() })).then(() => console.log('sent'));`;
    // Node reads NODE_EXTRA_CA_CERTS at its start alone.
    return new Promise<void>((resolve, reject) => {
      const child = spawn(process.execPath, ['--import', 'tsx', '-e', script], {
        ...{ cwd: join(__dirname, '../../..'), env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate } },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let out = '';
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      child.on('error', reject);
      child.on('close', () => {
        expect(out).toBe('sent\n');
        expect(guarded.mails.map(({ secure, user }) => ({ secure, user }))).toEqual([
          { secure: true, user: 'rubicon' },
        ]);
        resolve();
      });
    });
  });

  test('a wrong password is refused, and shown nowhere', async () => {
    const open = await startSmtpReceiver({ login });
    const wrong = { user: 'rubicon', password: 'wrong-S3CRET' };
    const error = await kindOf(openMail(settings({ port: open.port, login: wrong })).verify());
    expect(error.kind).toBe('refused');
    expect(error.message).toMatch(/no login at 127\.0\.0\.1:\d+ \(SMTP 535\)/);
    expect(error.message).not.toContain('S3CRET');
    await open.close();
  });
});
