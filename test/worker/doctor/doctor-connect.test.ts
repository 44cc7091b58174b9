import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectText } from '../../../worker/doctor/connect-text';
import { doctor } from '../../../worker/doctor/doctor';
import { localApps, startLocalSlack, type LocalSlack } from '../../../dev/local-slack/local-slack';
import { createNamespace } from '../../support/servers/servers';
import { startSmtpReceiver } from '../../support/servers/smtp-receiver';
import { startWebhookReceiver } from '../../support/servers/webhook-receiver';
import { secretWord, writeWorkerSettings } from '../../support/inputs/worker-settings';

let slack: LocalSlack;
let folder: string;
const before = { ...process.env };
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rubicon-test-doctor-'));
  slack = await startLocalSlack({
    users: [],
    channels: [
      { id: 'C0ROLLOUTS', name: 'rollouts' },
      { id: 'C0PRIVATE', name: 'private', withoutApps: true },
    ],
  });
  const { address, namespace } = await createNamespace();
  Object.assign(process.env, { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace });
});
afterAll(async () => {
  process.env = before;
  await slack.close();
  rmSync(folder, { recursive: true });
});

const [announcements, codes] = localApps.map(({ token }) => token);

/** Settings of servers that are nowhere, and a Slack that is there. */
function settings(channel: string, tokenOfCodes = codes): string {
  const { file, env } = writeWorkerSettings(folder, (yaml) => {
    yaml['slack'] = {
      apiUrl: slack.apiUrl,
      announcements: { token: 'env:SLACK_TOKEN', channel },
      codes: { token: 'env:SLACK_CODES' },
    };
  });
  Object.assign(process.env, env, { SLACK_TOKEN: announcements, SLACK_CODES: tokenOfCodes });
  return file;
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    jest.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  try {
    return { code: await doctor(args), out: written.stdout, err: written.stderr };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test('a control worker reaches Temporal and Slack: exit code 0', async () => {
  const { code, out } = await run('--connect', '--roles', 'control', '--config', settings('C0ROLLOUTS'));
  expect(out).toMatch(/✓ connection +127\.0\.0\.1:\d+, namespace /);
  expect(out).toMatch(/✓ app for announcements +Rubicon in Local Slack\n +✓ channel +C0ROLLOUTS\n/);
  expect(out).toContain('✓ no obstacles');
  expect(out).not.toContain('app for codes'); // of another role
  expect(code).toBe(0);
  expect(slack.messages({ channel: 'C0ROLLOUTS' })).toEqual([]);
});

test('a control worker also tries webhooks and the mail server, and names who could not be told', async () => {
  const [hook, smtp] = await Promise.all([startWebhookReceiver(), startSmtpReceiver()]);
  const { file, env } = writeWorkerSettings(folder, (yaml) => {
    yaml['webhooks'] = [
      { name: 'pager', url: hook.url, secret: 'env:HOOK_SECRET' },
      { name: 'gone', url: 'env:GONE_URL', secret: 'env:HOOK_SECRET' },
    ];
    yaml['mail'] = { host: '127.0.0.1', port: smtp.port, tls: 'none', from: 'a@example.com' };
  });
  const gone = `http://127.0.0.1:1/${secretWord}`;
  Object.assign(process.env, env, { HOOK_SECRET: hook.secret, GONE_URL: gone });
  const { code, out } = await run('--connect', '--roles', 'control', '--config', file);
  expect(out).toMatch(/ {2}webhooks\n {4}✓ webhook pager +127\.0\.0\.1:\d+\n {4}\? webhook gone: unknown\n/);
  expect(out).toMatch(/ {2}mail\n {4}✓ mail server +127\.0\.0\.1:\d+\n/);
  expect(out).toMatch(/○ mail addresses: not covered\n.*\n +found +none of anna, ben, carla\n/);
  expect([out.includes(secretWord), out.includes(hook.secret), code]).toEqual([false, false, 1]);
  expect([...hook.received, ...hook.forged, ...smtp.mails]).toEqual([]);
  await Promise.all([hook.close(), smtp.close()]);
});

/** What production's doctor says of the buttons. */
async function buttonsOf(buttons: object | undefined): Promise<string> {
  const { file, env } = writeWorkerSettings(folder, (yaml) => {
    yaml['slack'] = { apiUrl: slack.apiUrl, codes: { token: 'env:SLACK_CODES', ...(buttons && { buttons }) } };
  });
  const appTokens = { SLACK_APP: localApps[1].appToken, SLACK_OTHER_APP: `xapp-${secretWord}` };
  Object.assign(process.env, env, { SLACK_CODES: codes, ...appTokens });
  const { out } = await run('--connect', '--roles', 'production', '--config', file);
  expect(out).not.toContain(secretWord);
  return /[✓✗○?] buttons.*(?:\n {5,}.*)*/.exec(out)?.[0] ?? out;
}

test.each<[string, object | undefined, RegExp]>([
  ['none', undefined, /^○ buttons: not covered\n.*\n.*\n +do +add slack.codes.buttons \(docs/],
  ['right ones', { appToken: 'env:SLACK_APP', team: 'T0LOCAL' }, /^✓ buttons +heard in T0LOCAL/],
  [
    'another workspace',
    { appToken: 'env:SLACK_APP', team: 'T0OTHER' },
    /^✗ buttons\n.*\n.*\n? *.*found +the workspace T0LOCAL/,
  ],
  [
    'a token that is none',
    { appToken: 'env:SLACK_OTHER_APP', team: 'T0LOCAL' },
    /^✗ buttons\n.*\n.*found +invalid_auth\n +do +put an app-level token/,
  ],
])('buttons: %s', async (_, buttons, said) => {
  expect(await buttonsOf(buttons)).toMatch(said);
  expect(slack.interactions.sockets.count()).toBe(0);
});

test('servers that are nowhere: exit code 1, 80 columns, no secret', async () => {
  const { code, out } = await run('--connect', '--config', settings('C0PRIVATE', announcements));
  expect(code).toBe(1);
  expect(out).toContain('agent-api, staging\n  database\n    ? connection: unknown\n      expected  a session');
  expect(out).toContain('✗ channel\n      expected  a channel that the app is in\n      found     not_in_channel\n');
  expect(out).toContain('✗ two apps\n      expected  another app for codes than for announcements\n');
  expect(out).not.toContain(secretWord);
  const tried = out.slice(out.indexOf('\n\n'));
  expect(tried.split('\n').filter((line) => [...line].length > 80 && !/^\s*\S*$/.test(line))).toEqual([]);
});

test('as JSON it is the findings, and nothing else on standard output', async () => {
  const args = ['--connect', '--roles', 'staging', '-o', 'json', '--config', settings('C0ROLLOUTS')];
  const { code, out, err } = await run(...args);
  const tried = JSON.parse(out) as { title: string; parts: { part: string }[] }[];
  expect(tried.map(({ title }) => title)).toEqual(['agent-api, staging', 'for all targets']);
  expect(tried[1]?.parts.map(({ part }) => part)).toEqual(['Temporal']);
  expect(err).toContain('can be used: agent-api');
  expect(code).toBe(1);
});

test.each([
  [['--connect', '--roles', 'stagin'], 'expected roles of control, staging, production, found stagin'],
  [['--connect', '-o', 'yaml'], 'expected -o text or json, found "yaml"'],
])('%j is a fault of usage', async (args, message) => {
  const { code, err } = await run(...args);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(message) });
});

test('what is as expected has a line, of many their names; what is not has four', () => {
  const passed = (check: string) => ({ check, status: 'passed' as const, expected: 'x', found: `found ${check}` });
  const findings = [
    ...Array.from({ length: 9 }, (_, index) => passed(`check ${index + 1}`)),
    {
      ...{ check: 'marker', status: 'failed' as const, expected: 'a marker of staging of agent-api' },
      found: 'a marker of production of agent-api',
      remedy: 'the settings of staging lead to another database; a copy of production says production',
    },
    { check: 'log', status: 'unknown' as const, expected: 'a line', found: 'none', remedy: 'wait' },
    { check: 'redis', status: 'not covered' as const, expected: 'one', found: 'none', remedy: 'name it' },
  ];
  expect(connectText([{ title: 'agent-api, staging', parts: [{ part: 'database', findings }] }], 1_234)).toBe(
    `agent-api, staging
  database
    ✓ check 1                     found check 1
    ✓ check 2                     found check 2
    ✓ check 3                     found check 3
    ✓ check 4                     found check 4
    ✓ check 5                     found check 5
    ✓ check 6                     found check 6
    ✓ check 7                     found check 7
    ✓ 2 more: check 8, check 9
    ✗ marker
      expected  a marker of staging of agent-api
      found     a marker of production of agent-api
      do        the settings of staging lead to another database; a copy of
                production says production
    ? log: unknown
      expected  a line
      found     none
      do        wait
    ○ redis: not covered
      expected  one
      found     none
      do        name it

12 checks in 1.2 s, nothing was changed:
  ✗ 1 not as expected
  ? 1 unknown, which does not count as passed
  ○ 1 not covered: no obstacle, for information
`,
  );
});
