import { openSlack, type Slack } from '../../adapters/slack/slack';
import { SlackError } from '../../adapters/slack/error';
import type { SlackMessage } from '../../report/slack/slack-message';
import type { Person } from '../decisions/policy';
import { slackFailure } from './slack-failure';

/** How a code, and what becomes of it, reaches one person and nobody else. Each returns why it could not, in words without secrets. */
export interface CodeMessenger {
  /** Sends once a key. */
  send(person: Person, key: string, message: SlackMessage): Promise<string | undefined>;
  /** Sends once a key, in the thread of the message with the key `under`. */
  reply(person: Person, keys: { under: string; key: string }, message: SlackMessage): Promise<string | undefined>;
  /**
   * Replaces the message with this key; one that is not there any more is none to be replaced. Tries once.
   *
   * @throws ApplicationFailure with the time after which Slack takes it
   */
  update(person: Person, key: string, message: SlackMessage): Promise<string | undefined>;
}

/** Slack with a token of its own, that only the production worker has. Absent = nobody can be told. */
export interface CodeSlack {
  token: string;
  /** Default `https://slack.com/api/`. */
  apiUrl?: string;
}

const isRefused = (error: unknown): boolean => error instanceof SlackError && error.kind === 'refused';

const tries = 3;

/** By Slack's direct messages. A short outage is bridged by three tries; a longer one is the gate's to ask about. */
export function openCodeMessenger(settings: CodeSlack | undefined): CodeMessenger {
  const reach = async (
    { slackId }: Person,
    work: (slack: Slack, userId: string, attempt: number) => Promise<unknown>,
  ) => {
    if (settings === undefined) return 'the settings name no Slack token for codes';
    if (slackId === undefined) return 'the settings name no Slack id';
    const slack = openSlack(settings);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await work(slack, slackId, attempt);
        return undefined;
      } catch (error) {
        if (!(error instanceof SlackError)) throw error;
        if (error.kind === 'refused' || attempt === tries) return error.message;
        await new Promise((resolve) => setTimeout(resolve, Math.min(error.retryAfterMs ?? attempt * 1_000, 5_000)));
      }
    }
  };
  return {
    send: (person, key, { text, blocks }) =>
      reach(person, (slack, userId, attempt) =>
        slack.sendDirect({ userId, key, text, blocks, maybePosted: attempt > 1 }),
      ),
    reply: (person, { under, key }, { text, blocks }) =>
      reach(person, (slack, userId) => slack.replyDirect({ userId, under, key, text, blocks, maybePosted: true })),
    update: (person, key, { text, blocks }) =>
      reach(person, (slack, userId) =>
        slack.updateDirect({ userId, key, text, blocks }).catch((error: unknown) => {
          throw isRefused(error) ? error : slackFailure(error);
        }),
      ),
  };
}
