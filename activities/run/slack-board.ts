import type { SlackSettings } from '../../adapters/slack/slack';
import { digestOf } from '../../contract/text/digest';
import type { Run } from '../../contract/run/decisions';

/** Where rollouts are shown. Without a token or a channel nothing is told, which the rollout reports as not covered. */
export interface SlackBoard {
  /** The token of announcements: another one than that of the codes, which the control worker must not read. */
  slack?: SlackSettings;
  /** Id of the channel with one message a rollout. */
  channel?: string;
  /** Id of the channel for those who only follow; absent = the same thread is all they have. */
  stakeholdersChannel?: string;
}

/** Names one message of one rollout for ever, also over a reset. Everybody in Slack can read it, so it is a digest. */
export const messageKey = ({ workflowId, firstRun }: Run, key: string): string =>
  digestOf([workflowId, firstRun, key]).slice(0, 40);
