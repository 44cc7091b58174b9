import { openSlack } from '../../adapters/slack/slack';
import type { ControlActivities } from '../../contract/activities/control-activities';
import { slackAnnouncement } from '../../report/slack/slack-announcement';
import { messageKey, type SlackBoard } from './slack-board';
import { slackFailure } from '../approval/slack-failure';

/**
 * One line about a rollout into its thread, and what is news to them to the stakeholders. Guards against surprises.
 * A second run finds its own message by the key and posts nothing. Does nothing without Slack in the settings.
 */
export function createAnnounce({
  slack: settings,
  channel,
  stakeholdersChannel,
}: SlackBoard): ControlActivities['announce'] {
  return async ({ run, key, text, message: thread, toStakeholders }) => {
    if (settings === undefined) return;
    const slack = openSlack(settings);
    const once = { key: messageKey(run, key), maybePosted: true };
    const place = thread === undefined ? channel : thread.channel;
    try {
      if (place !== undefined) {
        const threadTs = thread === undefined ? {} : { threadTs: thread.ts };
        await slack.postOnce({ ...once, ...slackAnnouncement(text), channel: place, ...threadTs });
      }
      if (toStakeholders !== undefined && stakeholdersChannel !== undefined)
        await slack.postOnce({ ...once, ...slackAnnouncement(toStakeholders), channel: stakeholdersChannel });
    } catch (error) {
      throw slackFailure(error);
    }
  };
}
