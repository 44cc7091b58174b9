import { createCheckChannels, type ChannelDeps } from '../../../activities/connect/check-channels';
import { localApps, startLocalSlack, type LocalSlack } from '../../../dev/local-slack/local-slack';
import { sampleControl } from '../../support/inputs/control-settings';
import { startSmtpReceiver, type SmtpReceiver } from '../../support/servers/smtp-receiver';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/servers/webhook-receiver';

// Preflight's look at the channels: what is missing stops, what does not answer is for a person, and nothing is sent.

const login = { user: 'rubicon', password: 'mail-S3CRET-password' };
let slack: LocalSlack;
let smtp: SmtpReceiver;
let hook: WebhookReceiver;
beforeAll(async () => {
  slack = await startLocalSlack({
    users: [],
    channels: [
      { id: 'C0ROLLOUTS', name: 'rollouts' },
      { id: 'C0PRIVATE', name: 'private', withoutApps: true },
    ],
  });
  [smtp, hook] = await Promise.all([startSmtpReceiver({ login }), startWebhookReceiver()]);
});
afterAll(() => Promise.all([slack.close(), smtp.close(), hook.close()]));

const people = sampleControl.people.map((person) => ({ ...person, email: `${person.name}@example.com` }));
const deps = (change: Partial<ChannelDeps> = {}): ChannelDeps => ({
  policy: sampleControl.policy,
  people: [...people, { name: 'news', email: 'news@example.com', roles: ['stakeholder'] }],
  slack: { token: localApps[0]?.token ?? '', apiUrl: slack.apiUrl },
  channel: 'C0ROLLOUTS',
  webhooks: [{ name: 'pager', url: hook.url, secret: hook.secret }],
  mail: {
    ...{ host: '127.0.0.1', port: smtp.port, tls: 'none', from: 'a@example.com', login, stakeholders: 'stakeholder' },
  },
  ...change,
});

async function look(change: Partial<ChannelDeps> = {}): Promise<Record<string, string>> {
  const findings = await createCheckChannels(deps(change))({});
  expect(JSON.stringify(findings)).not.toContain('S3CRET');
  return Object.fromEntries(findings.map(({ check, status }) => [check, status]));
}

test('all that is as it should be passes, and nothing is sent to anybody', async () => {
  expect(await look()).toEqual({
    ...{ 'app for announcements': 'passed', channel: 'passed', 'webhook pager': 'passed', 'mail server': 'passed' },
  });
  expect([...smtp.mails, ...hook.received, ...hook.forged, ...slack.messages({})]).toEqual([]);
});

test.each<[string, () => Partial<ChannelDeps>, Record<string, string>]>([
  ['a channel without the app', () => ({ channel: 'C0PRIVATE' }), { channel: 'failed' }],
  [
    'a token that is none',
    () => ({ slack: { token: 'xoxb-revoked', apiUrl: slack.apiUrl } }),
    { 'app for announcements': 'failed' },
  ],
  [
    'a wrong password of the mail server',
    () => ({ mail: { ...mailOf(), login: { user: 'rubicon', password: 'wrong-S3CRET' } } }),
    { 'mail server': 'failed' },
  ],
  ['a mail server without TLS', () => ({ mail: { ...mailOf(), tls: 'starttls' } }), { 'mail server': 'failed' }],
  ['no mail server there', () => ({ mail: { ...mailOf(), port: 1 } }), { 'mail server': 'possible' }],
  [
    'a webhook that is away',
    () => ({ webhooks: [{ name: 'pager', url: 'http://127.0.0.1:1/S3CRET', secret: hook.secret }] }),
    { 'webhook pager': 'possible' },
  ],
  [
    'a Slack that is away',
    () => ({ slack: { token: localApps[0]?.token ?? '', apiUrl: 'http://127.0.0.1:1/' } }),
    { 'app for announcements': 'possible' },
  ],
  ['people without an address', () => ({ people: sampleControl.people }), { 'mail addresses': 'not covered' }],
  ['no stakeholder', () => ({ people }), { 'mail to stakeholders': 'not covered' }],
])('%s', async (_, change, expected) => expect(await look(change())).toMatchObject(expected));

const mailOf = (): NonNullable<ChannelDeps['mail']> => {
  const { mail } = deps();
  if (mail === undefined) throw new Error('expected mail');
  return mail;
};

test('without any channel there is nothing to look at', async () => {
  const none = { policy: sampleControl.policy, people: sampleControl.people };
  expect(await createCheckChannels(none)({})).toEqual([]);
});
