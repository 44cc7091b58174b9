import { connectSlack, type SlackSettings } from './connection';
import { SlackError } from './error';
import { findByKey, keyMetadata } from './lookup';

export type { SlackSettings } from './connection';
export { SlackError } from './error';

/** A layout block as Slack's Block Kit describes it. */
export type SlackBlock = { readonly type: string; readonly [field: string]: unknown };

/** A message, and the key by which it is found again. */
export interface SlackText {
  /**
   * Names this message among those of its channel or thread: another message needs another key. Every app and member of
   * the workspace can read it: no code, no secret.
   */
  readonly key: string;
  /** mrkdwn; with blocks only the notification. At most 40,000 characters when posted, 4,000 when updated. */
  readonly text: string;
  /** Default: none; then the text is the message. */
  readonly blocks?: readonly SlackBlock[] | undefined;
  /** True if an earlier attempt may have posted it already (any attempt but the first): looks before it posts. */
  readonly maybePosted?: boolean | undefined;
}

/** A message to one channel. */
export interface SlackPost extends SlackText {
  /** Id of a channel or a direct message (C…, G…, D…), not its name: look-ups accept ids only. */
  readonly channel: string;
  /** `ts` of the message under which this one stands. */
  readonly threadTs?: string | undefined;
}

/** Where a message is: `update` and `threadTs` need it. */
export interface SlackPlace {
  /** Id, not name. */
  readonly channel: string;
  /** Slack's own id of a message within its channel. */
  readonly ts: string;
}

/** Whose token it is. Two tokens of one app have the same `userId`. */
export interface SlackIdentity {
  /** Name of the workspace. */
  readonly team: string;
  /** Name of the app's user. */
  readonly app: string;
  /** Id of the app's user: who its messages are by. */
  readonly userId: string;
  /** Scopes that this adapter needs and the token lacks. Empty if Slack does not say what the token has. */
  readonly missingScopes: readonly string[];
}

/** Slack's Web API as far as we need it. Every method tries once and throws only `SlackError`: callers retry. */
export interface Slack {
  /**
   * Posts a message so that it is visible once, although Slack has no idempotency key: the key goes into the message's
   * metadata and is looked up after an unclear outcome. If the outcome stays unclear it throws; call again with
   * `maybePosted`. Pacing is the caller's: Slack allows about one message a second and channel
   * (https://docs.slack.dev/apis/web-api/rate-limits).
   */
  postOnce(post: SlackPost): Promise<SlackPlace>;
  /** Replaces text and blocks (without blocks the old ones go). Safe to repeat. */
  update(change: SlackPlace & Pick<SlackText, 'text' | 'blocks'>): Promise<void>;
  /** The channel of this app's direct messages to a person. Safe to repeat. */
  openDirectMessage(userId: string): Promise<string>;
  /** `openDirectMessage`, then `postOnce` there. */
  sendDirect(message: SlackText & { readonly userId: string }): Promise<SlackPlace>;
  /** Asks `auth.test`. */
  whoAmI(): Promise<SlackIdentity>;
  /** Reads one message of a channel. Refused as `channel_not_found` or `not_in_channel` where this app can't. */
  requireChannel(channel: string): Promise<void>;
}

/**
 * Opens Slack; connects only when called, so there is nothing to close.
 *
 * @throws Error if the token can't be a token
 */
export function openSlack(settings: SlackSettings): Slack {
  const connection = connectSlack(settings);
  const { client, call } = connection;
  let author: string | undefined;

  const whoAmI = async () => {
    const identity = toIdentity(await call('auth.test', () => client.auth.test()));
    author = identity.userId;
    return identity;
  };

  const openDirectMessage = async (userId: string) => {
    const { channel } = await call('conversations.open', () => client.conversations.open({ users: userId }));
    return answered('conversations.open', channel?.id);
  };

  const post = async (message: SlackPost): Promise<SlackPlace> => {
    const { channel, ts } = await call('chat.postMessage', () => client.chat.postMessage(toArguments(message)));
    return { channel: answered('chat.postMessage', channel), ts: answered('chat.postMessage', ts) };
  };

  /** The earliest message with this key. Later ones, of an attempt that arrived after the next one had looked, go. */
  const find = async (message: SlackPost) => {
    const [first, ...late] = await findByKey(connection, message, author ?? (await whoAmI()).userId);
    for (const place of late) await call('chat.delete', () => client.chat.delete({ ...place }));
    return first;
  };

  const once = (message: SlackPost) => postOnce(message, { post, find });

  return {
    whoAmI,
    openDirectMessage,
    postOnce: once,
    sendDirect: async ({ userId, ...message }) => once({ ...message, channel: await openDirectMessage(userId) }),
    async requireChannel(channel) {
      expectId(channel);
      await call('conversations.history', () => client.conversations.history({ channel, limit: 1 }));
    },
    async update({ channel, ts, ...content }) {
      await call('chat.update', () => client.chat.update({ ...toContent(content), channel, ts }));
    },
  };
}

interface Posting {
  post(message: SlackPost): Promise<SlackPlace>;
  find(message: SlackPost): Promise<SlackPlace | undefined>;
}

async function postOnce(message: SlackPost, { post, find }: Posting): Promise<SlackPlace> {
  expectId(message.channel);
  const repeated = message.maybePosted === true;
  const earlier = repeated ? await find(message) : undefined;
  if (earlier !== undefined) return earlier;
  try {
    const place = await post(message);
    // It is posted for certain, so that a failing look must not lead to another attempt.
    return (repeated ? await find(message).catch(() => undefined) : undefined) ?? place;
  } catch (error) {
    const unclear = error instanceof SlackError && error.outcomeUnclear;
    const found = unclear ? await find(message).catch(() => undefined) : undefined;
    if (found === undefined) throw error;
    return found;
  }
}

const toContent = ({ text, blocks }: Pick<SlackText, 'text' | 'blocks'>) =>
  blocks === undefined ? { text } : { text, blocks: [...blocks] };

const toArguments = (post: SlackPost) => ({
  ...toContent(post),
  channel: post.channel,
  metadata: keyMetadata(post.key),
  ...(post.threadTs === undefined ? {} : { thread_ts: post.threadTs }),
  // Slack must not fetch the links that we send.
  unfurl_links: false,
  unfurl_media: false,
});

function toIdentity(
  answer: Awaited<ReturnType<ReturnType<typeof connectSlack>['client']['auth']['test']>>,
): SlackIdentity {
  const scopes = answer.response_metadata?.scopes;
  const lacks = (scope: string) => scopes !== undefined && !scopes.includes(scope);
  return {
    team: answered('auth.test', answer.team),
    app: answered('auth.test', answer.user),
    userId: answered('auth.test', answer.user_id),
    missingScopes: [
      ...['chat:write', 'im:write', 'im:history'].filter(lacks),
      // One of them, as the channel is public or private.
      ...(['channels:history', 'groups:history'].every(lacks) ? ['channels:history or groups:history'] : []),
    ],
  };
}

function answered(method: string, value: string | undefined): string {
  if (value !== undefined) return value;
  const message = `expected a complete answer to ${method}, found one without its ids; call it again`;
  throw new SlackError(message, { kind: 'unreachable', method, outcomeUnclear: true });
}

function expectId(channel: string) {
  if (/^[CDG][A-Z0-9]+$/.test(channel)) return;
  const message = `expected the id of a channel (C…, G… or D…), found ${JSON.stringify(channel)}; copy the id from the channel's details in Slack`;
  throw new SlackError(message, { kind: 'refused', method: 'chat.postMessage', code: 'channel_not_found' });
}
