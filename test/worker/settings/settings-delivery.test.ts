import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Role } from '../../../contract/run/names';
import { eventTypes } from '../../../contract/run/run-event';
import { parseSettings, type Settings } from '../../../worker/settings/settings';

// Webhooks and mail: what settings may say of them, and what the control worker gets.

const example = readFileSync(join(__dirname, '../../../rubicon.example.yaml'), 'utf8');
const secretWord = 'S3CRET';
const secret = `whsec_${Buffer.from('a key of thirty-two bytes, whole').toString('base64')}`;
const env = {
  RUBICON_SLACK_TOKEN: 'xoxb-1',
  PAGER_WEBHOOK_URL: `https://pager.example.com/${secretWord}`,
  PAGER_WEBHOOK_SECRET: secret,
  TICKETS_WEBHOOK_SECRET: secret,
  RUBICON_MAIL_PASSWORD: `${secretWord}-mail`,
};
const hook = { name: 'pager', url: 'https://pager.example.com/hook', secret: 'env:PAGER_WEBHOOK_SECRET' };
const mail = { host: 'smtp.example.com', from: 'rubicon@example.com' };

interface Draft {
  [section: string]: unknown;
  people: Record<string, { email?: string }>;
}

function parsed(change: (file: Draft) => void, variables: Record<string, string> = env, roles: Role[] = ['control']) {
  const file = parse(example) as Draft;
  change(file);
  return parseSettings(stringify(file, { aliasDuplicateObjects: false }), 'rubicon.yaml', { env: variables, roles });
}

function settingsOf(change: (file: Draft) => void, variables?: Record<string, string>): Settings {
  const found = parsed(change, variables);
  if ('faults' in found) throw new Error(JSON.stringify(found.faults, null, 1));
  return found.settings;
}

function faultsOf(change: (file: Draft) => void, variables?: Record<string, string>): string[] {
  const found = parsed(change, variables);
  const faults = 'faults' in found ? found.faults.map(({ message }) => message) : [];
  expect(faults.join('\n')).not.toContain(secretWord);
  return faults;
}

test('the control worker has address, secret and events of each webhook, and the login of the mail server', () => {
  const { webhooks, mail: server, secrets } = settingsOf(() => {});
  expect(webhooks).toEqual([
    { name: 'pager', url: env.PAGER_WEBHOOK_URL, secret, events: ['question.asked', 'aftercare.found'] },
    { name: 'tickets', url: 'https://tickets.example.com/hooks/rubicon', secret },
  ]);
  expect(server).toEqual({
    ...{ host: 'smtp.example.com', port: 587, tls: 'starttls', from: 'Rubicon <rubicon@example.com>' },
    ...{ stakeholders: 'stakeholder', login: { user: 'rubicon', password: env.RUBICON_MAIL_PASSWORD } },
  });
  expect(secrets).toEqual(expect.arrayContaining([env.PAGER_WEBHOOK_URL, secret, env.RUBICON_MAIL_PASSWORD]));
});

test('without them nobody is told but Slack', () => {
  const settings = settingsOf((file) => {
    delete file['webhooks'];
    delete file['mail'];
  });
  expect({ webhooks: settings.webhooks, mail: settings.mail }).toEqual({ webhooks: [], mail: undefined });
});

test('TLS from the first byte has a port of its own, and each event may be wanted', () => {
  expect(settingsOf((file) => (file['mail'] = { ...mail, tls: 'implicit' })).mail?.port).toBe(465);
  expect(settingsOf((file) => (file['mail'] = { ...mail, tls: 'implicit', port: 2465 })).mail?.port).toBe(2_465);
  expect(settingsOf((file) => (file['webhooks'] = [{ ...hook, events: eventTypes }])).webhooks).toHaveLength(1);
});

test.each<[string, object[], string]>([
  ['an unknown event', [{ ...hook, events: ['run.stopped'] }], 'webhooks[0].events[0]'],
  ['no event', [{ ...hook, events: [] }], 'webhooks[0].events'],
  ['a name of no sort', [{ ...hook, name: 'My pager' }], 'webhooks[0].name: expected lower-case letters'],
  ['one name twice', [hook, { ...hook, url: 'https://other/' }], 'webhooks[1].name: expected a name of its own'],
  ['an address of another sort', [{ ...hook, url: 'ftp://pager/' }], 'webhooks[0].url: expected a URL'],
  ['a secret in the address', [{ ...hook, url: `https://u:${secretWord}@pager/` }], 'webhooks[0].url'],
  ['the secret itself', [{ ...hook, secret: `whsec_${secretWord}` }], 'webhooks[0].secret: expected "env:NAME"'],
  ['no secret', [{ name: 'pager', url: hook.url }], 'webhooks[0].secret'],
  ['what is no list', hook as never, 'webhooks'],
])('webhooks: %s is refused', (_, webhooks, message) => {
  const faults = faultsOf((file) => (file['webhooks'] = webhooks));
  expect(faults).toEqual([expect.stringContaining(message)]);
});

test.each([secretWord, `whsec_${secretWord}`, `whsec_${Buffer.alloc(16).toString('base64')}`])(
  'a secret that is too short, or none of a webhook, is refused: %#',
  (value) => {
    const faults = faultsOf((file) => (file['webhooks'] = [hook]), { ...env, PAGER_WEBHOOK_SECRET: value });
    expect(faults).toEqual([expect.stringContaining('expected "whsec_" and the base64 of 24 to 64 bytes')]);
  },
);

test.each<[string, object, string]>([
  ['without a sender', { host: mail.host }, 'mail.from'],
  ['with two senders', { ...mail, from: 'a@b.c, d@e.f' }, 'mail.from: expected "Name <name@example.com>"'],
  ['with a line break in the sender', { ...mail, from: 'Rubicon\r\nBcc: x <a@b.c>' }, 'mail.from'],
  ['with a port in the host', { ...mail, host: 'smtp.example.com/x' }, 'mail.host'],
  ['with a user and no password', { ...mail, user: 'rubicon' }, 'mail.user: expected "user" and "password" together'],
  [
    'with a password in the clear',
    { ...mail, tls: 'none', user: 'rubicon', password: 'env:RUBICON_MAIL_PASSWORD' },
    'mail.tls: expected TLS',
  ],
])('mail %s is refused', (_, section, message) => {
  expect(faultsOf((file) => (file['mail'] = section))).toEqual([expect.stringContaining(message)]);
});

test('all faults of both come at once', () => {
  const faults = faultsOf((file) => {
    file['webhooks'] = [
      { ...hook, events: ['x'] },
      { ...hook, name: 'B', url: 'nowhere' },
    ];
    file['mail'] = { host: 'a b', from: 'nobody', port: 0 };
  });
  expect(faults.length).toBeGreaterThanOrEqual(6);
});

test('what is readable on its way is warned of, but not on this machine', () => {
  const warnings = (webhooks: object[], section: object) =>
    settingsOf((file) => Object.assign(file, { webhooks, mail: section })).warnings.filter((each) =>
      each.includes('readable'),
    );
  expect(warnings([{ ...hook, url: 'http://pager.example.com/' }], { ...mail, tls: 'none' })).toEqual([
    'webhooks: pager has no TLS: its events are readable on their way',
    'mail.tls is none: mails are readable on their way',
  ]);
  expect(warnings([{ ...hook, url: 'http://127.0.0.1:8080/' }], { ...mail, host: 'localhost', tls: 'none' })).toEqual(
    [],
  );
});
