/** Where a Slack message is. */
export interface SlackPlace {
  channel: string;
  ts: string;
}
