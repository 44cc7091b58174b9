import { answered } from './answered';
import { connectSlack, type SlackSettings } from './connection';
import { SlackError } from './error';
import type { SlackBlock, SlackPlace } from './message';

/** The app behind a token, by Slack's own answer. */
export interface SlackApp {
  /** Id of the workspace that it is installed in. */
  readonly team: string;
  /** `A…`: whose buttons its messages have. */
  readonly app: string;
  /** Id of the app's user: who its messages are by. */
  readonly userId: string;
}

/** A person as Slack knows them. Absent fields mean no. */
export interface SlackUser {
  /** Id of the workspace that they belong to. */
  readonly team: string;
  /** Has left. */
  readonly isGone: boolean;
  /** Of one channel or several, or of another company. */
  readonly isGuest: boolean;
  readonly isBot: boolean;
}

/** A message that was looked up. */
export interface SlackSeen {
  /** Id of the user that has posted it. */
  readonly author: string;
  /** By which we find it again; undefined: it has none of ours. */
  readonly key: string | undefined;
}

/** What has to be asked of Slack about a click, and how its clicker is told. Every method tries once and throws only `SlackError`. */
export interface SlackClicks {
  whichApp(): Promise<SlackApp>;
  /** Undefined: Slack knows nobody of this id. Needs `users:read`. */
  findUser(userId: string): Promise<SlackUser | undefined>;
  /** Undefined: there is no such message, or this app can't see it. */
  findMessage(place: SlackPlace): Promise<SlackSeen | undefined>;
  /** Within 3 s of the click. */
  openDialog(trigger: string, view: object): Promise<void>;
  /** For this person alone, until they reload. */
  tellAlone(message: { channel: string; user: string; text: string; blocks: readonly SlackBlock[] }): Promise<void>;
}

export function openSlackClicks(settings: SlackSettings): SlackClicks {
  const { client, call } = connectSlack(settings);
  return {
    async whichApp() {
      const { team_id, bot_id, user_id } = await call('auth.test', () => client.auth.test());
      const { bot } = await call('bots.info', () => client.bots.info({ bot: answered('auth.test', bot_id) }));
      return {
        team: answered('auth.test', team_id),
        userId: answered('auth.test', user_id),
        app: answered('bots.info', bot?.app_id),
      };
    },
    async findUser(userId) {
      const answer = await unless(['user_not_found', 'user_not_visible'], () =>
        call('users.info', () => client.users.info({ user: userId })),
      );
      if (answer?.user === undefined) return undefined;
      const { id, team_id, deleted, is_bot, is_restricted, is_ultra_restricted, is_stranger } = answer.user;
      return {
        team: answered('users.info', team_id),
        isGone: deleted === true,
        isGuest: is_restricted === true || is_ultra_restricted === true || is_stranger === true,
        isBot: is_bot === true || id === 'USLACKBOT',
      };
    },
    async findMessage({ channel, ts }) {
      const range = { channel, latest: ts, oldest: ts, inclusive: true, limit: 1, include_all_metadata: true };
      const answer = await unless(['channel_not_found', 'not_in_channel'], () =>
        call('conversations.history', () => client.conversations.history(range)),
      );
      const found = answer?.messages?.find((message) => message.ts === ts);
      if (found === undefined) return undefined;
      const { key } = (found.metadata?.event_payload ?? {}) as { key?: unknown };
      return { author: found.user ?? '', key: typeof key === 'string' ? key : undefined };
    },
    async openDialog(trigger, view) {
      await call('views.open', () => client.views.open({ trigger_id: trigger, view: view as never }));
    },
    async tellAlone({ channel, user, text, blocks }) {
      await call('chat.postEphemeral', () => client.chat.postEphemeral({ channel, user, text, blocks: [...blocks] }));
    },
  };
}

/** Undefined for these refusals, which are answers. */
async function unless<T>(codes: readonly string[], request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof SlackError && codes.includes(error.code ?? '')) return undefined;
    throw error;
  }
}
