import { openSlack } from '../../adapters/slack/slack';
import { SlackError } from '../../adapters/slack/error';
import type { SlackMessage } from '../../report/slack/slack-message';
import type { Person } from '../decisions/policy';

/** How a code or a reminder reaches one person, and nobody else. */
export interface CodeMessenger {
  /** Sends once a key. Returns why it could not, in words without secrets. */
  send(person: Person, key: string, message: SlackMessage): Promise<string | undefined>;
}

/** Slack with a token of its own, that only the production worker has. Absent = nobody can be told. */
export interface CodeSlack {
  token: string;
  /** Default `https://slack.com/api/`. */
  apiUrl?: string;
}

const tries = 3;

/** By Slack's direct messages. A short outage is bridged by three tries; a longer one is the gate's to ask about. */
export function openCodeMessenger(settings: CodeSlack | undefined): CodeMessenger {
  return {
    async send({ slackId }, key, { text, blocks }) {
      if (settings === undefined) return 'the settings name no Slack token for codes';
      if (slackId === undefined) return 'the settings name no Slack id';
      const slack = openSlack(settings);
      for (let attempt = 1; ; attempt += 1) {
        try {
          await slack.sendDirect({ userId: slackId, key, text, blocks, maybePosted: attempt > 1 });
          return undefined;
        } catch (error) {
          if (!(error instanceof SlackError)) throw error;
          if (error.kind === 'refused' || attempt === tries) return error.message;
          await new Promise((resolve) => setTimeout(resolve, Math.min(error.retryAfterMs ?? attempt * 1_000, 5_000)));
        }
      }
    },
  };
}
