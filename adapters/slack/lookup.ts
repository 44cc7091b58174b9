import type { ConversationsHistoryResponse, ConversationsRepliesResponse } from '@slack/web-api';
import type { SlackConnection } from './connection';
import { SlackError } from './error';

const EVENT_TYPE = 'rubicon_message';
// An attempt older than this is no longer looked for.
const LOOK_BACK_MS = 7 * 24 * 60 * 60 * 1000;
const PAGE_SIZE = 200;

/** The metadata by which a message is found again. Everyone in the workspace can read it. */
export const keyMetadata = (key: string) => ({ event_type: EVENT_TYPE, event_payload: { key } });

interface Place {
  readonly channel: string;
  readonly ts: string;
}

interface Sought {
  readonly channel: string;
  readonly key: string;
  readonly threadTs?: string | undefined;
}

/**
 * The messages of the last week that `author` posted with this key in this channel (or in this thread), earliest first.
 * Other authors don't count: anyone could post our key and keep our message away.
 */
export async function findByKey(connection: SlackConnection, sought: Sought, author: string): Promise<Place[]> {
  const oldest = String((Date.now() - LOOK_BACK_MS) / 1000);
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await readPage(connection, sought, { oldest, cursor });
    for (const { user, metadata, ts } of page.messages ?? []) {
      const { key } = (metadata?.event_payload ?? {}) as { key?: unknown };
      const ours = user === author && metadata?.event_type === EVENT_TYPE && key === sought.key;
      if (ours && ts !== undefined) found.push(ts);
    }
    cursor = page.response_metadata?.next_cursor;
  } while (cursor !== undefined && cursor !== '');
  // Slack's timestamps have one length, so that the order of their text is the order of time.
  return found.sort().map((ts) => ({ channel: sought.channel, ts }));
}

/** conversations.history leaves out the replies of a thread, conversations.replies gives nothing else. */
async function readPage(
  { client, call }: SlackConnection,
  { channel, threadTs }: Sought,
  { oldest, cursor }: { oldest: string; cursor: string | undefined },
): Promise<ConversationsHistoryResponse | ConversationsRepliesResponse> {
  const range = {
    channel,
    oldest,
    limit: PAGE_SIZE,
    include_all_metadata: true,
    ...(cursor === undefined ? {} : { cursor }),
  };
  if (threadTs === undefined) return call('conversations.history', () => client.conversations.history(range));
  try {
    return await call('conversations.replies', () => client.conversations.replies({ ...range, ts: threadTs }));
  } catch (error) {
    // Someone deleted the message above: no replies, so none of ours either.
    if (error instanceof SlackError && error.code === 'thread_not_found') return { ok: true };
    throw error;
  }
}
