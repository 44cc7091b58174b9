import { SlackError } from './error';
import type { SlackPlace, SlackPost } from './message';

interface Posting {
  post(message: SlackPost): Promise<SlackPlace>;
  find(message: SlackPost): Promise<SlackPlace | undefined>;
}

/** Looks before a repeated attempt, and after an unclear one: see `Slack.postOnce`. */
export async function postOnce(message: SlackPost, { post, find }: Posting): Promise<SlackPlace> {
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

/** @throws SlackError for a name: look-ups accept ids only */
export function expectId(channel: string) {
  if (/^[CDG][A-Z0-9]+$/.test(channel)) return;
  const message = `expected the id of a channel (C…, G… or D…), found ${JSON.stringify(channel)}; copy the id from the channel's details in Slack`;
  throw new SlackError(message, { kind: 'refused', method: 'chat.postMessage', code: 'channel_not_found' });
}
