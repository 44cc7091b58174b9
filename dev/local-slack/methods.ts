import { Refusal, type Call } from './call';
import { deleteMessage, postMessage, updateMessage } from './chat';
import { history, replies } from './history';
import { directChannel, type LocalUser } from './store';

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
    team_id: 'T0LOCAL',
    user: bot.name,
    user_id: bot.userId,
    bot_id: bot.botId,
  }),
  'chat.postMessage': postMessage,
  'chat.update': updateMessage,
  'chat.delete': deleteMessage,
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

const toMember = ({ id, name, realName, email, title, disabled = false }: LocalUser) => ({
  id,
  name,
  deleted: disabled,
  real_name: realName,
  profile: { real_name: realName, display_name: name, email, title },
});
