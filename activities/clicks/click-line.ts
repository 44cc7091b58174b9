import { SlackError, type SlackPlace } from '../../adapters/slack/slack';
import type { Click } from '../../contract/run/slack-click';
import { digestOf } from '../../contract/text/digest';
import { slackClick, type ClickState } from '../../report/slack/slack-click';
import type { ClickDeps } from './click-deps';

/** One line in the thread of the request, changed whenever there is something new to say. */
export interface ClickLine {
  /** Of two states that follow each other closely only the later one may be seen. */
  say(state: ClickState): void;
  /** Resolves when the last one stands there, or Slack has not taken it for some minutes. */
  ended(): Promise<void>;
}

const mostTries = 10;

export function openClickLine({ slack }: Pick<ClickDeps, 'slack'>, { id, action, at }: Click): ClickLine {
  const key = `click-${digestOf(id).slice(0, 40)}`;
  let place: SlackPlace | undefined;
  let latest: ClickState | undefined;
  let writing: Promise<void> | undefined;
  let failed = 0;

  const write = async (state: ClickState): Promise<void> => {
    const message = slackClick(action, state);
    try {
      if (place !== undefined) await slack.update({ ...place, ...message });
      else
        place = await slack.postOnce({
          ...message,
          channel: at.channel,
          threadTs: at.ts,
          key,
          maybePosted: failed > 0,
        });
      failed = 0;
    } catch (error) {
      if (!(error instanceof SlackError)) throw error;
      failed += 1;
      if (error.kind === 'refused' || failed === mostTries) return;
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs ?? failed * 500));
      latest ??= state; // unless there is something newer to say
    }
  };
  const writeAll = async (): Promise<void> => {
    for (let state = latest; state !== undefined; state = latest) {
      latest = undefined;
      await write(state);
    }
    writing = undefined;
  };
  return {
    say(state) {
      latest = state;
      writing ??= writeAll();
    },
    ended: async () => writing,
  };
}
