import { inspect } from 'node:util';
import { openSlack, SlackError, type Slack, type SlackPost } from '../../../adapters/slack/slack';
import { localApps, startLocalSlack, type LocalSlack } from '../../../dev/local-slack/local-slack';

const [announcements, codes] = localApps;
const channel = 'C0ROLLOUTS';

let server: LocalSlack;
let slack: Slack;

beforeAll(async () => {
  server = await startLocalSlack({
    users: [
      { id: 'U0ADA', name: 'ada', realName: 'Ada Lovelace' },
      { id: 'U0GONE', name: 'gone', realName: 'Someone Gone', disabled: true },
    ],
    channels: [
      { id: channel, name: 'rollouts' },
      { id: 'C0BUSY', name: 'busy' },
      { id: 'C0OLD', name: 'old', archived: true },
      { id: 'C0PRIVATE', name: 'private', withoutApps: true },
    ],
  });
  slack = open(announcements.token);
});
afterEach(() => server.faults.clear());
afterAll(() => server.close());

const open = (token: string, timeoutMs?: number) => openSlack({ token, apiUrl: server.apiUrl, timeoutMs });

let messageCount = 0;
/** A message that no other test has posted. */
const newPost = (post: Partial<SlackPost> = {}): SlackPost => {
  messageCount += 1;
  return { channel, key: `key-${messageCount}`, text: `message ${messageCount}`, ...post };
};

const visible = (post: SlackPost) =>
  server.messages({ channel: post.channel }).filter(({ text }) => text === post.text);

const failure = async (call: Promise<unknown>): Promise<SlackError> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof SlackError) return error;
  throw new Error(`expected a SlackError, found ${inspect(error)}`);
};

describe('messages', () => {
  test('a message is posted, and changed in place', async () => {
    const post = newPost({ blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '*soak* 1 of 24 h' } }] });
    const place = await slack.postOnce(post);
    expect(visible(post)).toMatchObject([{ ...place, app: 'Rubicon', blocks: post.blocks }]);

    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: '*soak* 2 of 24 h' } }];
    await slack.update({ ...place, text: post.text, blocks });
    await slack.update({ ...place, text: post.text, blocks });
    expect(visible(post)).toMatchObject([{ ...place, blocks, editedAt: expect.any(String) }]);
  });

  test('a message stands in the thread of another one', async () => {
    const { ts } = await slack.postOnce(newPost());
    const reply = newPost({ threadTs: ts });
    await slack.postOnce(reply);
    expect(visible(reply)).toMatchObject([{ threadTs: ts }]);
  });

  test('a direct message reaches one person, and no other app can read it', async () => {
    const { ts, channel: direct } = await open(codes.token).sendDirect({
      userId: 'U0ADA',
      key: 'code',
      text: 'your code',
    });
    expect(server.messages({ user: 'U0ADA' })).toMatchObject([{ ts, app: 'Rubicon codes', text: 'your code' }]);
    const theirs = await failure(slack.postOnce({ ...newPost({ channel: direct }), maybePosted: true }));
    expect(theirs).toMatchObject({ kind: 'refused', code: 'channel_not_found' });
  });

  test('an app is told apart from another one by its own answer', async () => {
    expect(await slack.whoAmI()).toEqual({
      team: 'Local Slack',
      app: 'Rubicon',
      userId: 'U0LOCALBOT1',
      ...{ teamId: 'T0LOCAL', readsUsers: true },
      missingScopes: [],
    });
    expect((await open(codes.token).whoAmI()).userId).toBe('U0LOCALBOT2');
  });
});

describe('every message is visible once', () => {
  test('when the answer is lost after Slack has stored it', async () => {
    const post = newPost();
    server.faults.inject({ kind: 'lost-answer', methods: ['chat.postMessage'], times: 1 });
    const { ts } = await slack.postOnce(post);
    expect(visible(post)).toMatchObject([{ ts }]);
  });

  test('when the answer is lost in a thread', async () => {
    const { ts: threadTs } = await slack.postOnce(newPost());
    const post = newPost({ threadTs });
    server.faults.inject({ kind: 'lost-answer', methods: ['chat.postMessage'], times: 1 });
    const { ts } = await slack.postOnce(post);
    expect(visible(post)).toMatchObject([{ ts, threadTs }]);
  });

  test('when the process died after posting and another one repeats the step', async () => {
    const post = newPost();
    const first = await slack.postOnce(post);
    expect(await open(announcements.token).postOnce({ ...post, maybePosted: true })).toEqual(first);
    expect(visible(post)).toHaveLength(1);
  });

  test('when the connection breaks before Slack has it: it says so, and the next attempt posts it', async () => {
    const post = newPost();
    server.faults.inject({ kind: 'reset', methods: ['chat.postMessage'], times: 1 });
    expect(await failure(slack.postOnce(post))).toMatchObject({ kind: 'unreachable', outcomeUnclear: true });
    expect(visible(post)).toHaveLength(0);
    await slack.postOnce({ ...post, maybePosted: true });
    expect(visible(post)).toHaveLength(1);
  });

  test('when the first attempt arrives after the second one has looked: the earliest stays', async () => {
    const post = newPost();
    server.faults.inject({ kind: 'late', delayMs: 200, methods: ['chat.postMessage'], times: 1 });
    await failure(slack.postOnce(post));
    server.faults.inject({ kind: 'slow', delayMs: 400, methods: ['chat.postMessage'], times: 1 });
    const { ts } = await slack.postOnce({ ...post, maybePosted: true });
    expect(visible(post)).toMatchObject([{ ts }]);
  });

  test('when it has more than a page of other messages after it', async () => {
    const post = newPost({ channel: 'C0BUSY' });
    const first = await slack.postOnce(post);
    const others = Array.from({ length: 210 }, () => newPost({ channel: 'C0BUSY' }));
    await Promise.all(others.map((other) => slack.postOnce(other)));
    expect(await slack.postOnce({ ...post, maybePosted: true })).toEqual(first);
  });

  test('when Slack can not be asked whether it is there: nothing is posted', async () => {
    const post = newPost({ maybePosted: true });
    server.faults.inject({ kind: 'http-500', methods: ['conversations.history'], times: 1 });
    expect(await failure(slack.postOnce(post))).toMatchObject({ kind: 'unreachable', method: 'conversations.history' });
    expect(visible(post)).toHaveLength(0);
  });

  test('when another app has taken its key: the foreign message does not count', async () => {
    const post = newPost();
    await open(codes.token).postOnce(post);
    await slack.postOnce({ ...post, maybePosted: true });
    expect(visible(post).map(({ app }) => app)).toEqual(['Rubicon codes', 'Rubicon']);
  });

  test('when the message above its thread was deleted meanwhile: the reply is refused, not repeated', async () => {
    const reply = newPost({ threadTs: '1.000001', maybePosted: true });
    expect(await failure(slack.postOnce(reply))).toMatchObject({ kind: 'refused', method: 'chat.postMessage' });
  });
});

describe('failures', () => {
  test('a rate limit says how long to wait', async () => {
    server.faults.inject({ kind: 'rate-limited', retryAfterS: 7, times: 1 });
    const error = await failure(slack.postOnce(newPost()));
    expect(error).toMatchObject({ kind: 'rate-limited', retryAfterMs: 7000, outcomeUnclear: false });
    expect(error.message).toBe('expected Slack to accept chat.postMessage, found its rate limit; call again in 7 s');
    expect(server.faults.fired()).toBeGreaterThan(0);
  });

  test('a Slack that is down is unreachable, and nothing was sent', async () => {
    await server.faults.down();
    // The first call may find only that a kept connection was cut.
    await failure(slack.whoAmI());
    const error = await failure(slack.postOnce(newPost())).finally(() => server.faults.up());
    expect(error.message).toBe(
      `expected an answer to chat.postMessage from 127.0.0.1:${server.port}, found ECONNREFUSED; check the network and https://slack-status.com`,
    );
    expect(error).toMatchObject({ kind: 'unreachable', outcomeUnclear: false });
    await slack.whoAmI();
  });

  test('a Slack that is slow is given up after the limit, without retries', async () => {
    server.faults.inject({ kind: 'slow', delayMs: 5000 });
    const startedAt = Date.now();
    const error = await failure(open(announcements.token, 150).whoAmI());
    expect(error.message).toContain('found none within 150 ms');
    expect(error).toMatchObject({ kind: 'unreachable', outcomeUnclear: true });
    expect(Date.now() - startedAt).toBeLessThan(2000);
  });

  test.each([
    ['an internal error', () => slack, 'HTTP status 500'],
    [
      'an answer that is no JSON',
      () => openSlack({ token: 'xoxb-any', apiUrl: `${server.pageUrl}page.css?` }),
      'an unreadable answer',
    ],
    [
      'an address that is not Slack',
      () => openSlack({ token: 'xoxb-any', apiUrl: `${server.pageUrl}nowhere/` }),
      'HTTP status 404',
    ],
  ])('%s is named', async (_, client, found) => {
    server.faults.inject({ kind: 'http-500', times: 1 });
    expect((await failure(client().whoAmI())).message).toContain(`found ${found}; check the network`);
  });

  const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
  test.each<[code: string, remedy: string, call: () => Promise<unknown>]>([
    ['invalid_auth', 'put a valid bot token', () => open('xoxb-wrong').whoAmI()],
    ['channel_not_found', 'invite the app', () => slack.postOnce(newPost({ channel: 'C0NOWHERE' }))],
    ['channel_not_found', 'copy the id from', () => slack.postOnce(newPost({ channel: '#rollouts' }))],
    ['not_in_channel', 'invite the app', () => slack.postOnce(newPost({ channel: 'C0PRIVATE' }))],
    ['is_archived', 'unarchive the channel', () => slack.postOnce(newPost({ channel: 'C0OLD' }))],
    ['user_not_found', 'correct the Slack id', () => slack.openDirectMessage('U0NOBODY')],
    ['user_disabled', 'take them out', () => slack.sendDirect({ userId: 'U0GONE', key: 'gone', text: 'hello' })],
    ['message_not_found', 'post a new one', () => slack.update({ channel, ts: '1.000001', text: 'new' })],
    ['no_text', 'give the message a text', () => slack.postOnce(newPost({ text: '' }))],
    ['msg_too_long', 'make the text', () => slack.postOnce(newPost({ text: 'x'.repeat(40_001) }))],
    ['invalid_blocks', '/blocks/0/text/text', () => slack.postOnce(newPost({ blocks: [section('x'.repeat(3001))] }))],
    [
      'msg_blocks_too_long',
      'make the text',
      () => slack.postOnce(newPost({ blocks: Array(5).fill(section('x'.repeat(2999))) })),
    ],
    ['cannot_reply_to_message', 'see https://docs.slack.dev/', () => slack.postOnce(newPost({ threadTs: '1.000001' }))],
  ])('a refusal with %s says what to do: %s', async (code, remedy, call) => {
    const error = await failure(call());
    expect(error).toMatchObject({ kind: 'refused', code, outcomeUnclear: false });
    expect(error.message).toContain(remedy);
  });

  test('only the app that posted a message can change it', async () => {
    const place = await slack.postOnce(newPost());
    const error = await failure(open(codes.token).update({ ...place, text: 'changed by someone else' }));
    expect(error).toMatchObject({ kind: 'refused', code: 'cant_update_message' });
  });

  test('no failure shows the token, and nothing is printed', async () => {
    const printed = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) => jest.spyOn(console, name));
    const token = 'xoxb-0123-secret';
    const faults = [{ kind: 'reset' }, { kind: 'http-500' }, { kind: 'rate-limited', retryAfterS: 1 }] as const;
    const errors = [await failure(open(token).whoAmI())];
    for (const fault of faults) {
      server.faults.inject({ ...fault, times: 1 });
      errors.push(await failure(open(token).whoAmI()));
    }
    expect(inspect(errors, { depth: 10, showHidden: true })).not.toContain('secret');
    for (const spy of printed) expect(spy).not.toHaveBeenCalled();
    jest.restoreAllMocks();
  });

  test('a token with a line break is refused at once, without quoting it', () => {
    expect(() => open('xoxb-0123-secret\nxoxb')).toThrow(
      'expected a Slack token without spaces or line breaks, found some; copy the token again',
    );
  });
});
