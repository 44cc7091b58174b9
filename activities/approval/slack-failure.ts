import { ApplicationFailure } from '@temporalio/activity';
import { SlackError } from '../../adapters/slack/slack';

/** A refused call needs a person (token, channel, scope); asking more often would not help. */
const refusedRetryMs = 60_000;

/**
 * What Temporal should do about a Slack that did not take a message: retry when Slack wants it, for as long as the
 * activity's own limit says. It never ends a rollout. Other errors come back as they are.
 */
export function slackFailure(error: unknown): unknown {
  if (!(error instanceof SlackError)) return error;
  const { kind, message, retryAfterMs } = error;
  const nextRetryDelay = kind === 'refused' ? refusedRetryMs : retryAfterMs;
  return ApplicationFailure.create({
    type: 'Slack',
    message,
    ...(nextRetryDelay === undefined ? {} : { nextRetryDelay }),
  });
}
