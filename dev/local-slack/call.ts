import type { Interactions } from './interactions';
import { Refusal } from './refusal';
import { directChannel, type Bot, type LocalMessage, type Store } from './store';

/** One call of the Web API: who calls, with which form fields. */
export interface Call {
  readonly store: Store;
  readonly interactions: Interactions;
  readonly bot: Bot;
  readonly form: URLSearchParams;
}

/** A channel where the app was invited, or a conversation of its own; other apps' conversations don't exist for it. */
export function readableChannel({ store, bot, form }: Call): string {
  const id = form.get('channel') ?? '';
  const channel = store.channels.find((known) => known.id === id);
  if (channel?.withoutApps === true) throw new Refusal('not_in_channel');
  if (channel !== undefined || store.users.some((user) => directChannel(bot, user.id) === id)) return id;
  throw new Refusal('channel_not_found');
}

/** Slack gives metadata away only when asked for it. */
export function toMessage({ store, form }: Call, message: LocalMessage, withMetadata: boolean) {
  const { ts, threadTs, text, blocks, metadata, from, app, editedAt } = message;
  const shown = withMetadata || ['true', '1'].includes(form.get('include_all_metadata') ?? '');
  const replyCount = store.messages({ channel: message.channel }).filter((reply) => reply.threadTs === ts).length;
  return {
    type: 'message',
    ts,
    user: from,
    bot_id: from.replace(/^U/, 'B'),
    bot_profile: { name: app },
    text,
    blocks,
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    ...(replyCount === 0 ? {} : { thread_ts: ts, reply_count: replyCount }),
    ...(editedAt === undefined ? {} : { edited: { user: from, ts } }),
    ...(shown && metadata !== undefined ? { metadata } : {}),
  };
}
