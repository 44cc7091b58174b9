import { openSlack, SlackError, type Slack } from '../../adapters/slack/slack';
import type { ControlActivities } from '../../contract/activities/control-activities';
import type { SlackPlace } from '../../contract/run/slack-place';
import { slackStatus } from '../../report/slack/slack-status';
import { messageKey, type SlackBoard } from './slack-board';
import { slackFailure } from '../approval/slack-failure';

/**
 * Shows where a rollout is in its one message. Guards against nobody knowing what is going on, and against a channel
 * full of messages. A second run edits the same message: without its place it is looked up by its key first, so that a
 * lost answer, a restarted workflow or a reset never posts a second one.
 *
 * @returns where the message is; undefined without Slack in the settings
 */
export function createPublishStatus({ slack: settings, channel }: SlackBoard): ControlActivities['publishStatus'] {
  return async ({ facts, message: place }) => {
    if (settings === undefined || channel === undefined) return undefined;
    const slack = openSlack(settings);
    const { text, blocks } = slackStatus(facts);
    try {
      if (place !== undefined && (await edited(slack, { ...place, text, blocks }))) return place;
      const key = messageKey(facts.run, 'status');
      const posted = await slack.postOnce({ channel, key, text, blocks, maybePosted: true });
      // It may be the message of an earlier try, with what was true then.
      await slack.update({ ...posted, text, blocks });
      return posted;
    } catch (error) {
      throw slackFailure(error);
    }
  };
}

/** False if somebody deleted the message. */
async function edited(slack: Slack, change: SlackPlace & Parameters<Slack['update']>[0]): Promise<boolean> {
  try {
    await slack.update(change);
    return true;
  } catch (error) {
    if (error instanceof SlackError && error.code === 'message_not_found') return false;
    throw error;
  }
}
