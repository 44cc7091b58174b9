import { readableChannel, toMessage, type Call } from './call';
import { Refusal } from './refusal';
import type { LocalMessage } from './store';

/** `conversations.history`: newest first, without the replies of threads. */
export function history(call: Call) {
  const channel = readableChannel(call);
  const newestFirst = call.store
    .messages({ channel })
    .filter(({ threadTs, onlyFor }) => threadTs === undefined && onlyFor === undefined)
    .reverse();
  return page(call, newestFirst, 100);
}

/** `conversations.replies`: a message and its thread, oldest first. */
export function replies(call: Call) {
  const channel = readableChannel(call);
  const parentTs = call.form.get('ts') ?? '';
  const parent = call.store.find(channel, parentTs);
  if (parent === undefined) throw new Refusal('thread_not_found');
  const thread = call.store
    .messages({ channel })
    .filter(({ threadTs, onlyFor }) => threadTs === parentTs && onlyFor === undefined);
  // Slack repeats the message above the thread whatever the range says.
  const { messages, ...rest } = page(call, thread, 1000);
  return { ...rest, messages: [toMessage(call, parent, false), ...messages] };
}

/** One page; the cursor is the place of the next message. */
function page(call: Call, all: readonly LocalMessage[], defaultLimit: number) {
  const { form } = call;
  const oldest = Number(form.get('oldest') ?? 0);
  const latest = Number(form.get('latest') ?? Infinity);
  const limit = Math.min(999, Number(form.get('limit') ?? defaultLimit));
  const start = Number(form.get('cursor') ?? 0);
  if (Number.isNaN(oldest)) throw new Refusal('invalid_ts_oldest');
  if (Number.isNaN(latest)) throw new Refusal('invalid_ts_latest');
  if (!Number.isInteger(start) || start < 0) throw new Refusal('invalid_cursor');
  if (!Number.isInteger(limit) || limit < 1) throw new Refusal('invalid_limit');
  const inclusive = ['true', '1'].includes(form.get('inclusive') ?? '');
  const isIn = (ts: number): boolean => (inclusive ? ts >= oldest && ts <= latest : ts > oldest && ts < latest);
  const inRange = all.filter(({ ts }) => isIn(Number(ts)));
  const more = inRange.length > start + limit;
  return {
    messages: inRange.slice(start, start + limit).map((message) => toMessage(call, message, false)),
    has_more: more,
    response_metadata: { next_cursor: more ? String(start + limit) : '' },
  };
}
