import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { until } from '../../support/looks/until';
import { localApps, startLocalSlack, type LocalSlack } from '../../../dev/local-slack/local-slack';

const [announcements, codes] = localApps;
const workspace = {
  users: [
    { id: 'U0ADA', name: 'ada', realName: 'Ada Lovelace', email: 'ada@example.com', title: 'Engineering lead' },
    { id: 'U0GONE', name: 'gone', realName: 'Somebody Gone', email: 'gone@example.com', disabled: true },
  ],
  channels: [
    { id: 'C0ROLLOUTS', name: 'rollouts', topic: 'What is being changed' },
    { id: 'C0HISTORY', name: 'history' },
    { id: 'C0PAGE', name: 'page' },
  ],
};

let slack: LocalSlack;
const folder = mkdtempSync(join(tmpdir(), 'local-slack-'));

beforeAll(async () => {
  slack = await startLocalSlack(workspace);
});
afterEach(() => slack.faults.clear());
afterAll(async () => {
  await slack.close();
  rmSync(folder, { recursive: true });
});

type Fields = Record<string, unknown>;
type Json = Fields & { ok: boolean; error?: string; ts: string; messages: Fields[] };

/** A call as the real client sends it: a form, with objects as JSON strings. */
const call = async (
  method: string,
  fields: Fields = {},
  token: string = announcements.token,
  apiUrl = slack.apiUrl,
) => {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    body.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  const answer = await fetch(`${apiUrl}${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body,
  });
  return (await answer.json()) as Json;
};
const post = (fields: Fields, token?: string) =>
  call('chat.postMessage', { channel: 'C0ROLLOUTS', text: 'hello', ...fields }, token);
const page = async (path: string) => (await fetch(new URL(path, slack.pageUrl))).text();
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });

describe('the Web API', () => {
  test('knows its apps by their tokens, and says what they are granted', async () => {
    expect(await call('auth.test')).toMatchObject({ ok: true, user: 'Rubicon', bot_id: 'B0LOCALBOT1' });
    expect(await call('auth.test', {}, codes.token)).toMatchObject({ user: 'Rubicon codes', bot_id: 'B0LOCALBOT2' });
    expect(await call('auth.test', {}, 'xoxb-wrong')).toEqual({ ok: false, error: 'invalid_auth' });
    const anonymous = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST' });
    expect(await anonymous.json()).toEqual({ ok: false, error: 'not_authed' });
    expect(anonymous.headers.get('x-oauth-scopes')).toContain('chat:write');
  });

  test.each(['chat.meMessage', 'toString', '../local/messages'])('does not know the method %s', async (method) => {
    expect(await call(encodeURIComponent(method))).toMatchObject({ ok: false, error: 'unknown_method' });
  });

  test('takes forms only, and no more than a megabyte', async () => {
    const headers = { authorization: `Bearer ${announcements.token}`, 'content-type': 'application/json' };
    const json = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST', headers, body: '{}' });
    expect(await json.json()).toEqual({ ok: false, error: 'invalid_post_type' });
    expect(await post({ text: 'x'.repeat(1_000_001) })).toEqual({ ok: false, error: 'invalid_form_data' });
  });

  test('gives each message its own timestamp, in the order in which they came', async () => {
    const places = await Promise.all(Array.from({ length: 50 }, (_, index) => post({ text: `message ${index}` })));
    const stored = slack.messages({ channel: 'C0ROLLOUTS' }).map(({ ts }) => ts);
    expect(new Set(places.map(({ ts }) => ts)).size).toBe(50);
    expect(stored).toEqual([...stored].sort());
    expect(stored.every((ts) => /^\d{10}\.\d{6}$/.test(ts))).toBe(true);
  });

  test('reads a channel page by page, newest first, without threads, with metadata only on demand', async () => {
    const metadata = { event_type: 'note', event_payload: { key: 'one' } };
    const { ts } = await post({ channel: 'C0HISTORY', text: 'first', metadata });
    await post({ channel: 'C0HISTORY', text: 'second' });
    await post({ channel: 'C0HISTORY', text: 'reply', thread_ts: ts });
    await post({ channel: 'C0HISTORY', text: 'third' });
    const read = (fields: Fields) => call('conversations.history', { channel: 'C0HISTORY', ...fields });

    const newest = await read({ limit: 2 });
    expect(newest.messages.map(({ text }) => text)).toEqual(['third', 'second']);
    const { next_cursor: cursor } = newest['response_metadata'] as { next_cursor: string };
    const rest = await read({ limit: 2, cursor });
    expect(rest).toMatchObject({ messages: [{ text: 'first', reply_count: 1 }], has_more: false });
    expect(rest.messages[0]).not.toHaveProperty('metadata');
    expect(await read({ limit: 1, cursor: 2, include_all_metadata: true })).toMatchObject({ messages: [{ metadata }] });
    expect((await read({ oldest: ts })).messages.map(({ text }) => text)).toEqual(['third', 'second']);
    expect(await read({ oldest: 'yesterday' })).toEqual({ ok: false, error: 'invalid_ts_oldest' });
  });

  test('reads a thread with the message above it', async () => {
    const { ts } = await post({ text: 'above' });
    await post({ text: 'one', thread_ts: ts });
    await post({ text: 'two', thread_ts: ts });
    const thread = await call('conversations.replies', { channel: 'C0ROLLOUTS', ts });
    expect(thread.messages.map(({ text }) => text)).toEqual(['above', 'one', 'two']);
    const unknown = await call('conversations.replies', { channel: 'C0ROLLOUTS', ts: '1.000001' });
    expect(unknown).toEqual({ ok: false, error: 'thread_not_found' });
  });

  test('keeps the direct messages of an app from every other app', async () => {
    const opened = await call('conversations.open', { users: 'U0ADA' }, codes.token);
    const { id: channel } = opened['channel'] as { id: string };
    const { ts } = await post({ channel, text: 'your code' }, codes.token);
    for (const [method, fields] of [
      ['conversations.history', { channel }],
      ['conversations.replies', { channel, ts }],
      ['chat.update', { channel, ts, text: 'forged' }],
      ['chat.delete', { channel, ts }],
      ['chat.postMessage', { channel, text: 'forged' }],
    ] as const) {
      expect(await call(method, fields)).toEqual({ ok: false, error: 'channel_not_found' });
    }
    expect(slack.messages({ user: 'U0ADA' })).toMatchObject([{ channel, text: 'your code', to: 'U0ADA' }]);
  });

  test('changes a message as documented: text alone removes the blocks, metadata stays', async () => {
    const metadata = { event_type: 'note', event_payload: { key: 'kept' } };
    const { ts } = await post({ text: 'before', blocks: [section('before')], metadata });
    await call('chat.update', { channel: 'C0ROLLOUTS', ts, text: 'after' });
    expect(slack.messages().find((message) => message.ts === ts)).toMatchObject({
      text: 'after',
      blocks: [],
      metadata,
    });
    const long = await call('chat.update', { channel: 'C0ROLLOUTS', ts, text: 'x'.repeat(4001) });
    expect(long).toEqual({ ok: false, error: 'msg_too_long' });
  });

  test('lists channels and people', async () => {
    expect(await call('conversations.list')).toMatchObject({
      channels: [{ id: 'C0ROLLOUTS', name: 'rollouts' }, {}, {}],
    });
    expect(await call('users.list')).toMatchObject({ members: [{ id: 'U0ADA', deleted: false }, { deleted: true }] });
    expect(await call('users.info', { user: 'U0ADA' })).toMatchObject({ user: { real_name: 'Ada Lovelace' } });
    expect(await call('users.info', { user: 'U0NOBODY' })).toMatchObject({ error: 'user_not_found' });
    expect(await call('users.lookupByEmail', { email: 'ada@example.com' })).toMatchObject({ user: { id: 'U0ADA' } });
    expect(await call('users.lookupByEmail', { email: 'gone@example.com' })).toMatchObject({
      error: 'users_not_found',
    });
  });

  const text = (length: number) => 'x'.repeat(length);
  const plain = (length: number) => ({ type: 'plain_text', text: text(length) });
  test.each<[what: string, blocks: unknown, place: string]>([
    ['a list that is no list', { type: 'divider' }, ''],
    ['an unknown type', [{ type: 'rich' }], '/blocks/0]'],
    ['a block that is none', ['divider'], '/blocks/0]'],
    ['51 blocks', Array(51).fill({ type: 'divider' }), '/blocks]'],
    ['a section without a text', [{ type: 'section' }], '/blocks/0]'],
    ['an empty section', [section('')], '/blocks/0/text/text]'],
    ['11 fields', [{ type: 'section', fields: Array(11).fill(plain(1)) }], '/blocks/0/fields]'],
    ['a long field', [{ type: 'section', fields: [plain(1), plain(2001)] }], '/blocks/0/fields/1/text]'],
    ['a header in mrkdwn', [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }], '/blocks/0/text/type]'],
    ['a long header', [{ type: 'divider' }, { type: 'header', text: plain(151) }], '/blocks/1/text/text]'],
    ['a long context', [{ type: 'context', elements: Array(11).fill(plain(1)) }], '/blocks/0/elements]'],
    [
      'a long button',
      [{ type: 'actions', elements: [{ type: 'button', text: plain(76) }] }],
      '/blocks/0/elements/0/text/text]',
    ],
    ['a wrong style', [{ type: 'actions', elements: [{ type: 'button', text: plain(1), style: 'red' }] }], '/style]'],
    ['an image without words', [{ type: 'image', image_url: 'https://example.com/a.png' }], '/blocks/0/alt_text]'],
  ])('refuses %s, and says where', async (_, blocks, place) => {
    const answer = await post({ blocks });
    expect(answer).toMatchObject({ ok: false, error: place === '' ? 'invalid_blocks_format' : 'invalid_blocks' });
    expect(JSON.stringify(answer['response_metadata'])).toContain(place);
  });

  test('refuses metadata that nobody could find again', async () => {
    expect(await post({ metadata: { key: 'one' } })).toEqual({ ok: false, error: 'invalid_metadata_format' });
    expect(await post({ metadata: 'key=one' })).toEqual({ ok: false, error: 'invalid_metadata_format' });
  });
});

describe('beside the Web API', () => {
  test('a person of the demo reads their direct messages as JSON', async () => {
    const opened = await call('conversations.open', { users: 'U0ADA' });
    const { ts } = await post({ channel: (opened['channel'] as { id: string }).id, text: 'read me' });
    const read = async (query: string) => JSON.parse(await page(`local/messages?${query}`)) as Json;
    expect((await read('user=U0ADA')).messages.at(-1)).toMatchObject({ ts, text: 'read me', app: 'Rubicon' });
    expect((await read(`user=U0ADA&after=${ts}`)).messages).toEqual([]);
    expect((await read('user=U0GONE')).messages).toEqual([]);
  });

  test('faults are switched on and off from another process', async () => {
    const change = (method: string, fault?: object) =>
      fetch(`${slack.pageUrl}local/faults`, {
        method,
        ...(fault === undefined ? {} : { body: JSON.stringify(fault) }),
      });
    await change('POST', { kind: 'rate-limited', retryAfterS: 3, methods: ['chat.postMessage'] });
    expect(await post({})).toEqual({ ok: false, error: 'ratelimited' });
    expect(await call('auth.test')).toMatchObject({ ok: true });
    await change('DELETE');
    expect(await post({})).toMatchObject({ ok: true });
    expect(await (await change('POST', { kind: 'slow' })).json()).toMatchObject({
      error: expect.stringContaining('delayMs'),
    });
    expect(await (await change('POST', { kind: 'odd' })).json()).toMatchObject({
      error: expect.stringContaining('lost-answer'),
    });
  });

  test('it goes down and comes up again at the same port, with its messages', async () => {
    const { ts } = await post({ text: 'still there' });
    await slack.faults.down();
    await expect(page('/')).rejects.toThrow('fetch failed');
    await slack.faults.up();
    expect(await page('/c/C0ROLLOUTS')).toContain(`id="m${ts}"`);
  });

  test('its messages survive a restart in a file that only the owner can read', async () => {
    const storeFile = join(folder, 'messages.json');
    const first = await startLocalSlack({ ...workspace, storeFile });
    const { ts } = await call(
      'chat.postMessage',
      { channel: 'C0ROLLOUTS', text: 'kept' },
      announcements.token,
      first.apiUrl,
    );
    await first.close();
    const second = await startLocalSlack({ ...workspace, storeFile });
    const later = await call(
      'chat.postMessage',
      { channel: 'C0ROLLOUTS', text: 'next' },
      announcements.token,
      second.apiUrl,
    );
    await second.close();
    expect(second.messages().map(({ text }) => text)).toEqual(['kept', 'next']);
    expect(later.ts > ts).toBe(true);
    expect(statSync(storeFile).mode & 0o777).toBe(0o600);
  });

  test('it runs as a process of its own until it is told to stop', async () => {
    const file = join(folder, 'workspace.json');
    writeFileSync(file, JSON.stringify({ ...workspace, apps: [{ name: 'Other', token: 'xoxb-other' }] }));
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', join(__dirname, '../../../dev/local-slack/local-slack.ts'), '--workspace', file],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { apiUrl } = JSON.parse(line) as LocalSlack;
    expect(await call('auth.test', {}, 'xoxb-other', apiUrl)).toMatchObject({ ok: true, user: 'Other' });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

describe('buttons', () => {
  const button = { type: 'button', action_id: 'go', value: 'v', text: { type: 'plain_text', text: 'Go' } };
  const confirm = Object.fromEntries(
    ['title', 'text', 'confirm', 'deny'].map((name) => [name, { type: 'plain_text', text: name }]),
  );
  const input = {
    ...{ type: 'input', block_id: 'why', label: { type: 'plain_text', text: 'Why?' } },
    element: { type: 'plain_text_input', action_id: 'reason' },
  };
  const view = {
    ...{ type: 'modal', callback_id: 'go', private_metadata: 'kept', blocks: [input] },
    ...Object.fromEntries(['title', 'submit', 'close'].map((name) => [name, { type: 'plain_text', text: name }])),
  };
  type Envelope = { envelope_id: string; retry_attempt?: number; payload: Fields };

  /** The app of the codes as it listens; the payload of its acknowledgement, or undefined for silence. */
  async function listen(answerTo: (envelope: Envelope) => object | undefined) {
    const { url } = (await call('apps.connections.open', {}, codes.appToken)) as unknown as { url: string };
    const socket = new WebSocket(url);
    const envelopes: Envelope[] = [];
    const hello = new Promise((resolve) => socket.once('message', resolve));
    socket.on('message', (data: Buffer) => {
      const envelope = JSON.parse(data.toString()) as Envelope;
      if (envelope.envelope_id === undefined) return;
      envelopes.push(envelope);
      const payload = answerTo(envelope);
      if (payload) socket.send(JSON.stringify({ envelope_id: envelope.envelope_id, payload }));
    });
    await hello;
    return { envelopes, close: () => socket.close() };
  }

  async function postButton(fields: Fields = {}) {
    const opened = await call('conversations.open', { users: 'U0ADA' }, codes.token);
    const { id: channel } = opened['channel'] as { id: string };
    const blocks = [{ type: 'actions', block_id: 'b', elements: [{ ...button, ...fields }] }];
    const { ts } = await post({ channel, blocks }, codes.token);
    return { user: 'U0ADA', channel, ts, actionId: 'go' };
  }

  test('a click comes to the app that has posted the button, as Slack sends it', async () => {
    const { envelopes, close } = await listen(() => ({}));
    const at = await postButton();
    expect(await slack.interactions.click(at)).toEqual({ isAcknowledged: true, response: {} });
    expect(envelopes[0]?.payload).toMatchObject({
      ...{ type: 'block_actions', user: { id: 'U0ADA', team_id: 'T0LOCAL' }, team: { id: 'T0LOCAL' } },
      ...{ api_app_id: 'A0LOCALAPP2', channel: { id: at.channel }, message: { ts: at.ts } },
      actions: [{ action_id: 'go', block_id: 'b', value: 'v', type: 'button' }],
    });
    close();
  });

  test('without a listener the clicker sees a fault; without an acknowledgement too, and it comes again', async () => {
    const at = await postButton();
    await until(() => slack.interactions.sockets.count() === 0);
    expect(await slack.interactions.click(at)).toEqual({ isAcknowledged: false });
    const { envelopes, close } = await listen(({ retry_attempt: attempt }) => (attempt === 1 ? {} : undefined));
    expect(await slack.interactions.click(at)).toEqual({ isAcknowledged: false });
    await until(() => envelopes.length === 2);
    expect(envelopes[1]).toMatchObject({ envelope_id: envelopes[0]?.envelope_id, retry_attempt: 1 });
    close();
  });

  test('a dialog opens for whoever has clicked, and stays open while something in it is wrong', async () => {
    const faults = { response_action: 'errors', errors: { why: 'say why' } };
    const isEmpty = ({ payload }: Envelope) => JSON.stringify(payload['view'] ?? {}).includes('"value":""');
    const { envelopes, close } = await listen((envelope) => (isEmpty(envelope) ? faults : {}));
    await slack.interactions.click(await postButton());
    const { trigger_id: trigger } = envelopes[0]!.payload;
    expect(await call('views.open', { trigger_id: 'made-up', view }, codes.token)).toMatchObject({
      error: 'invalid_trigger_id',
    });
    expect(await call('views.open', { trigger_id: trigger, view })).toMatchObject({ error: 'invalid_trigger_id' }); // another app
    const tooLong = { ...view, title: { type: 'plain_text', text: 'x'.repeat(25) } };
    expect(await call('views.open', { trigger_id: trigger, view: tooLong }, codes.token)).toMatchObject({
      error: 'invalid_arguments',
    });
    expect(await call('views.open', { trigger_id: trigger, view }, codes.token)).toMatchObject({ ok: true });
    expect(await call('views.open', { trigger_id: trigger, view }, codes.token)).toMatchObject({ ok: false }); // once

    const { id } = slack.interactions.views('U0ADA')[0]!;
    expect(await page('/c/U0ADA')).toContain(`data-view="${id}"`);
    expect(await slack.interactions.submit(id, { why: '' })).toEqual({ isAcknowledged: true, response: faults });
    expect(await page('/c/U0ADA')).toContain('<span class="fault">say why</span>');
    await slack.interactions.submit(id, { why: 'because' });
    expect(envelopes.at(-1)?.payload).toMatchObject({
      type: 'view_submission',
      view: { id, private_metadata: 'kept', state: { values: { why: { reason: { value: 'because' } } } } },
    });
    expect(slack.interactions.views('U0ADA')).toEqual([]);
    close();
  });

  test('what is only for one person is in no history, and says so on their page', async () => {
    const { channel, ts } = await postButton({ confirm });
    const alone = { channel, user: 'U0ADA', text: 'for you alone' };
    expect(await call('chat.postEphemeral', alone, codes.token)).toMatchObject({ ok: true });
    expect(await call('chat.postEphemeral', { ...alone, user: 'U0GONE' }, codes.token)).toMatchObject({
      error: 'user_not_in_channel',
    });
    const history = await call('conversations.history', { channel, oldest: ts, inclusive: true }, codes.token);
    expect(history.messages.map(({ ts: each }) => each)).toEqual([ts]);
    const html = await page('/c/U0ADA');
    expect(html).toMatch(/Only visible to this person<\/p>.*for you alone/s);
    expect(html).toContain(`data-action="go" data-confirm="`);
  });

  test.each([
    ['two buttons of one name', [button, button], '`action_id` must be unique'],
    [
      'a confirmation that is too long',
      [{ ...button, confirm: { ...confirm, deny: { type: 'plain_text', text: 'x'.repeat(31) } } }],
      'less than 31',
    ],
  ])('%s is refused', async (_, elements, fault) => {
    const refused = await post({ blocks: [{ type: 'actions', elements }] });
    expect(JSON.stringify(refused)).toContain(fault);
  });
});

describe('the page', () => {
  test('shows channels, people, and a message with its blocks, its thread and its change', async () => {
    const blocks = [
      { type: 'header', text: { type: 'plain_text', text: 'Drop the keys' } },
      { type: 'section', fields: [{ type: 'mrkdwn', text: '*Phase*\nsoak' }] },
      { type: 'divider' },
      section('Paste:\n```{\n  "code": "K7Q2"\n}```'),
      {
        type: 'actions',
        elements: [{ type: 'button', style: 'primary', text: { type: 'plain_text', text: 'Approve' } }],
      },
      { type: 'context', elements: [{ type: 'mrkdwn', text: 'for <@U0ADA>' }] },
    ];
    const { ts } = await post({ channel: 'C0PAGE', text: 'first', blocks });
    await post({ channel: 'C0PAGE', text: 'preflight passed', thread_ts: ts });
    await call('chat.update', { channel: 'C0PAGE', ts, text: 'first', blocks });
    const html = await page('/c/C0PAGE');
    for (const part of [
      '<a href="/c/C0ROLLOUTS"><span class="hash">#</span><span class="name">rollouts</span>',
      '<a href="/c/U0ADA">',
      '<h1># page</h1>',
      '<h3 class="block">Drop the keys</h3>',
      '<div class="fields"><div><strong>Phase</strong><br>soak</div></div>',
      '<hr>',
      '<pre>{\n  &#34;code&#34;: &#34;K7Q2&#34;\n}</pre>',
      'class="button primary" disabled',
      '<span class="mention">@Ada Lovelace</span>',
      '<span class="edited">edited ',
      '<div class="thread"><p class="count">1 reply</p>',
    ]) {
      expect(html).toContain(part);
    }
  });

  test('opens at the first channel, and says what it does not have', async () => {
    expect(await page('/')).toContain('<h1># rollouts</h1>');
    const unknown = await fetch(new URL('/c/C0NOWHERE', slack.pageUrl));
    expect(unknown.status).toBe(404);
    expect(await unknown.text()).toContain('There is no such channel or person.');
    expect((await fetch(new URL('/c/%E0%A4%A', slack.pageUrl))).status).toBe(400);
  });

  test('lets nothing in a message become markup', async () => {
    const hostile =
      '"><script>alert(1)</script><img src=x onerror=alert(1)> <javascript:alert(1)|click> <https://e.x/"onclick=alert(1)|a>';
    await post({ channel: 'C0PAGE', text: hostile });
    await post({
      channel: 'C0PAGE',
      text: 'x',
      blocks: [section(hostile), { type: 'header', text: { type: 'plain_text', text: '<b>x</b>' } }],
    });
    const { headers } = await fetch(new URL('/c/C0PAGE', slack.pageUrl));
    const html = await page('/c/C0PAGE');
    expect(html).not.toMatch(/<img|<b>x|<script>|href="javascript|"onclick/);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test('asks for changes, and gets them only when there are some', async () => {
    const version = /data-version="([^"]+)"/.exec(await page('/c/C0PAGE'))?.[1] ?? '';
    const ask = () => fetch(new URL(`/c/C0PAGE?known=${version}`, slack.pageUrl));
    expect((await ask()).status).toBe(204);
    await post({ channel: 'C0PAGE', text: 'something new' });
    expect(await (await ask()).json()).toMatchObject({ html: expect.stringContaining('something new') });
  });
});
