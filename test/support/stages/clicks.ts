import type { LocalMessage, LocalSlack } from '../../../dev/local-slack/local-slack';
import { actionId, type ButtonAction } from '../../../contract/run/slack-button';
import { until } from '../looks/until';

/** What Slack sends; a test changes it as it likes. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever Slack may send
export type Payload = Record<string, any>;

/** The text of messages with which a test lies. */
export const forgedText = 'forged';

/** The newest request that this person got. It has buttons until it is decided. */
export function requestTo(slack: LocalSlack, user: string): LocalMessage {
  const isRequest = ({ text, metadata }: LocalMessage) => {
    const { key } = (metadata as { event_payload?: { key?: string } } | undefined)?.event_payload ?? {};
    return text !== forgedText && key?.startsWith('gate-') === true;
  };
  const found = slack.messages({ user }).findLast(isRequest);
  if (found === undefined) throw new Error(`expected a request to ${user}, found none`);
  return found;
}

const clickOf = (slack: LocalSlack, user: string, action: ButtonAction) => {
  const { channel, ts } = requestTo(slack, user);
  return { user, channel, ts, actionId: actionId(action) };
};

/** As Slack would send it for a click of this person on the newest message that they got. */
export const pressedBy = (slack: LocalSlack, user: string, action: ButtonAction): Payload =>
  structuredClone(slack.interactions.pressed(clickOf(slack, user, action)).payload);

/** Sends it to the app of the codes. */
export const deliver = (slack: LocalSlack, payload: unknown) =>
  slack.interactions.sockets.deliver(slack.bots[1]!, payload);

/** A click as people make it. */
export const click = (slack: LocalSlack, user: string, action: ButtonAction) =>
  slack.interactions.click(clickOf(slack, user, action));

/** Clicks, and waits for the dialog behind it. */
export async function openDialog(slack: LocalSlack, user: string, action: ButtonAction): Promise<string> {
  const before = new Set(slack.interactions.views(user).map(({ id }) => id));
  await click(slack, user, action);
  const opened = () => slack.interactions.views(user).find(({ id }) => !before.has(id));
  await until(() => opened() !== undefined);
  return opened()!.id;
}

/** What stands in the thread of the newest request: what has become of each click. */
export function linesTo(slack: LocalSlack, user: string): string[] {
  const { channel, ts } = requestTo(slack, user);
  return slack
    .messages({ channel })
    .filter(({ threadTs }) => threadTs === ts)
    .map(({ text }) => text);
}
