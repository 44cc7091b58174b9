import type { Call } from './call';
import { Refusal } from './refusal';
import { deleteMessage, postEphemeral, postMessage, updateMessage } from './chat';
import { history, replies } from './history';
import { directChannel, teamId, type LocalUser } from './store';
import { openView } from './views';

export type Answer = { readonly ok: boolean; readonly [field: string]: unknown };

/** Runs one method of the Web API. Refusals are answers, with HTTP status 200, as on Slack. */
export function answer(method: string, call: Call): Answer {
  const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (run === undefined) return { ok: false, error: 'unknown_method', req_method: method };
  try {
    return { ok: true, ...run(call) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, error: error.code, ...error.details };
    throw error;
  }
}

const methods: Readonly<Record<string, (call: Call) => Record<string, unknown>>> = {
  'auth.test': ({ bot }) => ({
    url: 'https://local.slack.example/',
    team: 'Local Slack',
    team_id: teamId,
    user: bot.name,
    user_id: bot.userId,
    bot_id: bot.botId,
  }),
  'chat.postMessage': postMessage,
  'chat.postEphemeral': postEphemeral,
  'chat.update': updateMessage,
  'chat.delete': deleteMessage,
  'bots.info': ({ store, form }) => {
    const bot = store.bots.find(({ botId }) => botId === form.get('bot'));
    if (bot === undefined) throw new Refusal('bot_not_found');
    return { bot: { id: bot.botId, name: bot.name, app_id: bot.appId, user_id: bot.userId, deleted: false } };
  },
  'conversations.open': openConversation,
  'conversations.history': history,
  'conversations.replies': replies,
  'conversations.list': ({ store }) => ({
    channels: store.channels.map(({ id, name, topic = '', archived = false, withoutApps = false }) => ({
      id,
      name,
      is_channel: true,
      is_archived: archived,
      is_member: !withoutApps,
      topic: { value: topic },
    })),
    response_metadata: { next_cursor: '' },
  }),
  'views.open': openView,
  'users.list': ({ store }) => ({ members: store.users.map(toMember), response_metadata: { next_cursor: '' } }),
  'users.info': ({ store, form }) => ({
    user: toMember(expectUser(store.users.find(({ id }) => id === form.get('user')))),
  }),
  'users.lookupByEmail': ({ store, form }) => {
    const found = store.users.find(({ email, disabled }) => email === form.get('email') && disabled !== true);
    if (form.get('email') === null || found === undefined) throw new Refusal('users_not_found');
    return { user: toMember(found) };
  },
};

function openConversation({ store, bot, form }: Call) {
  const users = form.get('users');
  if (users === null) throw new Refusal('users_list_not_supplied');
  const user = expectUser(store.users.find(({ id }) => id === users));
  if (user.disabled === true) throw new Refusal('user_disabled');
  return { channel: { id: directChannel(bot, user.id) } };
}

function expectUser(user: LocalUser | undefined): LocalUser {
  if (user === undefined) throw new Refusal('user_not_found');
  return user;
}

const toMember = ({ id, name, realName, email, title, disabled = false, guest, bot = false, team }: LocalUser) => ({
  id,
  team_id: team ?? teamId,
  name,
  deleted: disabled,
  is_bot: bot,
  is_restricted: guest === 'single-channel' || guest === 'multi-channel',
  is_ultra_restricted: guest === 'single-channel',
  is_stranger: guest === 'stranger',
  real_name: realName,
  profile: { real_name: realName, display_name: name, email, title },
});
