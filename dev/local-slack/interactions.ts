import { randomUUID } from 'node:crypto';
import { Refusal } from './refusal';
import { openSockets, type Acknowledged } from './sockets';
import { teamId, type Bot, type LocalBlock, type LocalMessage, type Store } from './store';

type Fields = Readonly<Record<string, unknown>>;

/** A dialog that stands open before one person. */
export interface LocalView {
  readonly id: string;
  readonly user: string;
  readonly bot: Bot;
  readonly view: Fields;
  /** What the app has found wrong, by block. */
  readonly errors: Readonly<Record<string, string>>;
}

/** A person and the button that they click. */
export interface LocalClick {
  readonly user: string;
  readonly channel: string;
  readonly ts: string;
  readonly actionId: string;
}

const triggerMs = 3_000;

export type Interactions = ReturnType<typeof openInteractions>;

/** What people do beyond reading: buttons, and the dialogs behind them, as Slack hands them to the app that has sent them. */
export function openInteractions(store: Store, hostOf: () => string) {
  const sockets = openSockets(hostOf);
  const triggers = new Map<string, { user: string; bot: Bot; at: number }>();
  const views = new Map<string, LocalView>();

  const trigger = (bot: Bot, user: string): string => {
    const id = `${Date.now()}.${randomUUID()}`;
    triggers.set(id, { user, bot, at: Date.now() });
    return id;
  };

  /** What Slack sends for a click. The same for any app, which gets it only for its own messages. */
  const pressed = ({ user, channel, ts, actionId }: LocalClick): { bot: Bot; payload: Fields } => {
    const message = store.find(channel, ts);
    const bot = store.bots.find(({ userId }) => userId === message?.from);
    const found = message && buttonOf(message.blocks, actionId);
    if (message === undefined || bot === undefined || found === undefined) throw new Refusal('no_such_button');
    const { block, button } = found;
    const { confirm: _, ...action } = button;
    const payload = {
      ...{ type: 'block_actions', ...origin(bot, user), trigger_id: trigger(bot, user) },
      container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
      channel: { id: channel, name: channel.startsWith('D') ? 'directmessage' : channel },
      message: messageOf(message, bot),
      state: { values: {} },
      response_url: 'https://hooks.slack.example/actions/none',
      actions: [{ ...action, block_id: block, action_ts: (Date.now() / 1000).toFixed(6) }],
    };
    return { bot, payload };
  };

  /** What Slack sends for a dialog. */
  const sent = (id: string, values: Readonly<Record<string, string>>): { bot: Bot; payload: Fields } => {
    const open = views.get(id);
    if (open === undefined) throw new Refusal('no_such_view');
    const { bot, user, view } = open;
    const payload = {
      ...{ type: 'view_submission', ...origin(bot, user), trigger_id: trigger(bot, user), response_urls: [] },
      view: {
        id,
        team_id: teamId,
        app_id: bot.appId,
        bot_id: bot.botId,
        ...view,
        state: { values: stateOf(view, values) },
      },
    };
    return { bot, payload };
  };

  return {
    sockets,
    pressed,
    sent,
    views: (user: string) => [...views.values()].filter((view) => view.user === user),
    openView(bot: Bot, id: string, view: Fields): { id: string } | { refused: string } {
      const known = triggers.get(id);
      if (known === undefined || known.bot !== bot) return { refused: 'invalid_trigger_id' };
      if (Date.now() - known.at > triggerMs) return { refused: 'expired_trigger_id' };
      triggers.delete(id);
      const opened = `V${randomUUID().replaceAll('-', '').slice(0, 20).toUpperCase()}`;
      views.set(opened, { id: opened, user: known.user, bot, view, errors: {} });
      store.touch();
      return { id: opened };
    },
    async click(click: LocalClick): Promise<Acknowledged> {
      const { bot, payload } = pressed(click);
      return sockets.deliver(bot, payload);
    },
    /** Closes it, unless the app has found something wrong in it, or has not answered. */
    async submit(id: string, values: Readonly<Record<string, string>>): Promise<Acknowledged> {
      const { bot, payload } = sent(id, values);
      const answer = await sockets.deliver(bot, payload);
      const open = views.get(id);
      const errors = (answer.response?.['errors'] ?? {}) as Record<string, string>;
      if (answer.response?.['response_action'] === 'errors' && open) views.set(id, { ...open, errors });
      else if (answer.isAcknowledged) views.delete(id);
      store.touch();
      return answer;
    },
    dismiss(id: string): void {
      views.delete(id);
      store.touch();
    },
  };
}

const origin = (bot: Bot, user: string) => ({
  user: { id: user, username: user.toLowerCase(), name: user.toLowerCase(), team_id: teamId },
  team: { id: teamId, domain: 'local' },
  ...{ api_app_id: bot.appId, token: 'verification', enterprise: null, is_enterprise_install: false },
});

const messageOf = ({ ts, text, blocks, threadTs }: LocalMessage, bot: Bot) => ({
  ...{ type: 'message', user: bot.userId, bot_id: bot.botId, app_id: bot.appId, team: teamId, ts, text, blocks },
  ...(threadTs !== undefined && { thread_ts: threadTs }),
});

function buttonOf(blocks: readonly LocalBlock[], actionId: string): { block: string; button: Fields } | undefined {
  for (const [index, { block_id: block = `b${index}`, elements }] of blocks.entries()) {
    const button = (Array.isArray(elements) ? (elements as Fields[]) : []).find(
      (each) => each['action_id'] === actionId,
    );
    if (button !== undefined) return { block: String(block), button };
  }
  return undefined;
}

/** By block and field, as Slack has it. */
const stateOf = (view: Fields, values: Readonly<Record<string, string>>): Fields =>
  Object.fromEntries(
    ((view['blocks'] ?? []) as Fields[])
      .filter(({ type }) => type === 'input')
      .map(({ block_id: block, element }) => {
        const { action_id: field } = element as Fields;
        const value = values[String(block)] ?? null;
        return [String(block), { [String(field)]: { type: 'plain_text_input', value } }];
      }),
  );
