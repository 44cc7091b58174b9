import { answered } from './answered';
import { connectSlack, type SlackSettings } from './connection';
import { toIdentity, type SlackIdentity } from './identity';
import { findByKey } from './lookup';
import { toArguments, toContent, type SlackPlace, type SlackPost, type SlackText } from './message';
import { expectId, postOnce } from './post-once';

export type { SlackSettings } from './connection';
export type { SlackIdentity } from './identity';
export type { SlackPlace, SlackPost, SlackText } from './message';
export { SlackError } from './error';

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
  /** Replaces the direct message with this key. False where there is none of the last week. Safe to repeat. */
  updateDirect(message: SlackText & { readonly userId: string }): Promise<boolean>;
  /** `sendDirect` into the thread of the direct message with the key `under`; without that one, beside it. */
  replyDirect(message: SlackText & { readonly userId: string; readonly under: string }): Promise<SlackPlace>;
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

  const update = async ({ channel, ts, ...content }: SlackPlace & Pick<SlackText, 'text' | 'blocks'>) => {
    await call('chat.update', () => client.chat.update({ ...toContent(content), channel, ts }));
  };

  return {
    whoAmI,
    openDirectMessage,
    postOnce: once,
    sendDirect: async ({ userId, ...message }) => once({ ...message, channel: await openDirectMessage(userId) }),
    async requireChannel(channel) {
      expectId(channel);
      await call('conversations.history', () => client.conversations.history({ channel, limit: 1 }));
    },
    update,
    async updateDirect({ userId, ...message }) {
      const place = await find({ ...message, channel: await openDirectMessage(userId) });
      if (place !== undefined) await update({ ...place, text: message.text, blocks: message.blocks });
      return place !== undefined;
    },
    async replyDirect({ userId, under, ...message }) {
      const channel = await openDirectMessage(userId);
      const above = await find({ channel, key: under, text: '' });
      return once({ ...message, channel, ...(above && { threadTs: above.ts }) });
    },
  };
}
