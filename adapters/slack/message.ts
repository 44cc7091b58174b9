import { keyMetadata } from './lookup';

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

/** Its content as Slack takes it. */
export const toContent = ({ text, blocks }: Pick<SlackText, 'text' | 'blocks'>) =>
  blocks === undefined ? { text } : { text, blocks: [...blocks] };

/** As `chat.postMessage` takes it. */
export const toArguments = (post: SlackPost) => ({
  ...toContent(post),
  channel: post.channel,
  metadata: keyMetadata(post.key),
  ...(post.threadTs === undefined ? {} : { thread_ts: post.threadTs }),
  // Slack must not fetch the links that we send.
  unfurl_links: false,
  unfurl_media: false,
});
