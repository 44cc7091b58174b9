import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

export interface LocalUser {
  /** `U…` */
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  readonly email?: string;
  readonly title?: string;
  /** Has left the workspace. */
  readonly disabled?: boolean;
  /** Of one channel or some, or a member of another company in a shared one. */
  readonly guest?: 'single-channel' | 'multi-channel' | 'stranger';
  readonly bot?: boolean;
  /** Default: of this workspace. */
  readonly team?: string;
}

export interface LocalChannel {
  /** `C…` */
  readonly id: string;
  readonly name: string;
  readonly topic?: string;
  readonly archived?: boolean;
  /** No app was invited: `not_in_channel`. */
  readonly withoutApps?: boolean;
}

/** One installed app; its tokens are its whole identity. */
export interface LocalApp {
  readonly token: string;
  /** With it a socket is opened; absent: nobody can hear its buttons. */
  readonly appToken?: string;
  readonly name: string;
}

export interface LocalWorkspace {
  readonly users: readonly LocalUser[];
  readonly channels: readonly LocalChannel[];
  readonly apps: readonly LocalApp[];
}

export interface LocalMessage {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs?: string;
  /** Name of the app that posted it. */
  readonly app: string;
  /** Id of that app's bot user. */
  readonly from: string;
  /** For direct messages: the person who receives them. */
  readonly to?: string;
  readonly text: string;
  readonly blocks: readonly LocalBlock[];
  readonly metadata?: unknown;
  readonly postedAt: string;
  readonly editedAt?: string;
  /** Shown to this person alone, and found by no look into the history. */
  readonly onlyFor?: string;
}

export type LocalBlock = { readonly type: string; readonly [field: string]: unknown };

/** An app as the server sees it. */
export interface Bot {
  readonly name: string;
  readonly userId: string;
  readonly botId: string;
  readonly appId: string;
  readonly number: number;
}

/** Which messages: those of a channel, or all direct messages of a person; newer than `after` (a `ts`). */
export interface LocalFilter {
  readonly channel?: string | undefined;
  readonly user?: string | undefined;
  readonly after?: string | undefined;
}

export type NewMessage = Pick<LocalMessage, 'channel' | 'text' | 'blocks' | 'metadata' | 'threadTs' | 'onlyFor'>;
export type Change = Partial<Pick<LocalMessage, 'text' | 'blocks' | 'metadata'>>;
export type Store = ReturnType<typeof openStore>;

/** The workspace: who is there, and what was posted. With `storeFile` it survives a restart. */
export function openStore(workspace: LocalWorkspace, storeFile?: string) {
  const bots = workspace.apps.map(({ token, appToken, name }, index) => ({
    ...{ token, appToken, bot: toBot(name, index + 1) },
  }));
  let messages: LocalMessage[] = storeFile !== undefined && existsSync(storeFile) ? load(storeFile) : [];
  const openedAt = Date.now();
  let changes = 0;
  let lastMicros = Math.max(0, ...messages.map(({ ts }) => Number(ts.replace('.', ''))));

  const save = (changed: LocalMessage[]) => {
    messages = changed;
    changes += 1;
    if (storeFile === undefined) return;
    // Approval codes stand in direct messages: nobody else may read the file.
    writeFileSync(`${storeFile}.partial`, JSON.stringify(messages, null, 1), { mode: 0o600 });
    renameSync(`${storeFile}.partial`, storeFile);
  };

  /** Slack's own shape, unique and in order even within one microsecond. */
  const nextTs = () => {
    lastMicros = Math.max(lastMicros + 1, Date.now() * 1000);
    const digits = String(lastMicros);
    return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  };

  return {
    ...workspace,
    /** Another one after each change and each start; tells a page whether it is still up to date. */
    version: () => `${openedAt}.${changes}`,
    bots: bots.map(({ bot }) => bot),
    /** Something is to be shown that is no message. */
    touch: () => void (changes += 1),
    botOfApp: (appToken: string) => bots.find((known) => known.appToken === appToken)?.bot,
    botOf: (token: string) => bots.find((known) => known.token === token)?.bot,
    messages: ({ channel, user, after = '' }: LocalFilter = {}) =>
      messages.filter(
        (message) =>
          (channel === undefined || message.channel === channel) &&
          (user === undefined || message.to === user) &&
          message.ts > after,
      ),
    find: (channel: string, ts: string) => messages.find((message) => message.channel === channel && message.ts === ts),
    add(bot: Bot, message: NewMessage): LocalMessage {
      const to = workspace.users.find(({ id }) => directChannel(bot, id) === message.channel)?.id;
      const origin = { ts: nextTs(), app: bot.name, from: bot.userId, postedAt: new Date().toISOString() };
      const added = { ...message, ...origin, ...(to === undefined ? {} : { to }) };
      save([...messages, added]);
      return added;
    },
    change(message: LocalMessage, change: Change): LocalMessage {
      const changed = { ...message, ...change, editedAt: new Date().toISOString() };
      save(messages.map((other) => (other.ts === message.ts ? changed : other)));
      return changed;
    },
    remove(message: LocalMessage) {
      save(messages.filter((other) => other.ts !== message.ts));
    },
  };
}

/** The workspace. */
export const teamId = 'T0LOCAL';

/** The same at each start, so that a link into a conversation can be given before anything was said there. */
export const directChannel = (bot: Bot, userId: string) => `D${bot.number}${userId}`;

const toBot = (name: string, number: number): Bot => ({
  name,
  number,
  userId: `U0LOCALBOT${number}`,
  botId: `B0LOCALBOT${number}`,
  appId: `A0LOCALAPP${number}`,
});

const load = (storeFile: string) => JSON.parse(readFileSync(storeFile, 'utf8')) as LocalMessage[];
