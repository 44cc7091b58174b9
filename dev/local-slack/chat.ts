import { parseBlocks } from './blocks';
import { readableChannel, toMessage, type Call } from './call';
import { Refusal } from './refusal';
import { directChannel, type Change, type LocalMessage } from './store';

/** `chat.postMessage` */
export function postMessage(call: Call) {
  const { store, bot, form } = call;
  const channel = writableChannel(call);
  const threadTs = form.get('thread_ts');
  const parent = threadTs === null ? undefined : store.find(channel, threadTs);
  if (threadTs !== null && (parent === undefined || parent.threadTs !== undefined))
    throw new Refusal('cannot_reply_to_message');
  const { text = '', blocks = [], metadata } = readContent(form, 40_000);
  const message = store.add(bot, { channel, text, blocks, metadata, ...(threadTs === null ? {} : { threadTs }) });
  return { channel, ts: message.ts, message: toMessage(call, message, true) };
}

/** `chat.postEphemeral`: for one person in a conversation that both are in. */
export function postEphemeral(call: Call) {
  const { store, bot, form } = call;
  const channel = writableChannel(call);
  const user = form.get('user') ?? '';
  const isThere = store.channels.some(({ id }) => id === channel) || directChannel(bot, user) === channel;
  if (!isThere || store.users.every(({ id }) => id !== user)) throw new Refusal('user_not_in_channel');
  const { text = '', blocks = [] } = readContent(form, 40_000);
  return { message_ts: store.add(bot, { channel, text, blocks, metadata: undefined, onlyFor: user }).ts };
}

/** `chat.update` */
export function updateMessage(call: Call) {
  // Slack accepts ten times more when a message is posted than when it is changed.
  const content = readContent(call.form, 4_000);
  const message = ownMessage(call, 'cant_update_message');
  // As documented: a text without blocks removes the old blocks, metadata stays unless given.
  const blocks = content.blocks ?? (content.text === undefined ? message.blocks : []);
  const changed = call.store.change(message, { text: message.text, ...content, blocks });
  return { channel: changed.channel, ts: changed.ts, text: changed.text, message: toMessage(call, changed, true) };
}

/** `chat.delete` */
export function deleteMessage(call: Call) {
  const message = ownMessage(call, 'cant_delete_message');
  call.store.remove(message);
  return { channel: message.channel, ts: message.ts };
}

/** Text, blocks and metadata of a form; `undefined` where the form has none. */
function readContent(form: URLSearchParams, maxText: number): Change {
  const [text, json, metadata] = [form.get('text'), form.get('blocks'), form.get('metadata')];
  if ((text ?? '').trim() === '' && (json === null || json === '[]')) throw new Refusal('no_text');
  if (text !== null && text.length > maxText) throw new Refusal('msg_too_long');
  const verdict = json === null ? undefined : parseBlocks(json);
  if (verdict !== undefined && 'error' in verdict) {
    throw new Refusal(verdict.error, { errors: verdict.faults, response_metadata: { messages: verdict.faults } });
  }
  return {
    ...(text === null ? {} : { text }),
    ...(verdict === undefined ? {} : { blocks: verdict.blocks }),
    ...(metadata === null ? {} : { metadata: parseMetadata(metadata) }),
  };
}

function parseMetadata(json: string): unknown {
  try {
    const metadata = JSON.parse(json) as { event_type?: unknown; event_payload?: unknown };
    if (typeof metadata.event_type === 'string' && typeof metadata.event_payload === 'object') return metadata;
  } catch {
    // Refused below like any other wrong shape.
  }
  throw new Refusal('invalid_metadata_format');
}

function writableChannel(call: Call): string {
  const id = readableChannel(call);
  if (call.store.channels.find((channel) => channel.id === id)?.archived === true) throw new Refusal('is_archived');
  return id;
}

function ownMessage(call: Call, refusal: string): LocalMessage {
  const message = call.store.find(readableChannel(call), call.form.get('ts') ?? '');
  if (message === undefined) throw new Refusal('message_not_found');
  if (message.from !== call.bot.userId) throw new Refusal(refusal);
  return message;
}
