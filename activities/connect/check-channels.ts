import type { ControlActivities } from '../../contract/activities/control-activities';
import type { Finding } from '../../contract/run/findings';
import type { Person, Policy } from '../decisions/policy';
import type { Channels } from '../delivery/channels';
import type { SlackBoard } from '../run/slack-board';
import { tryMail } from './try-mail';
import { trySlack } from './try-slack';
import { tryWebhooks } from './try-webhooks';
import { withinLimit } from './within-limit';

/** What the settings say of channels and of those whom they reach. */
export type ChannelDeps = Channels & SlackBoard & { people: readonly Person[]; policy: Policy };

/**
 * Whether people will be told. Guards against learning it from the first message that nobody gets. A right that is missing is an obstacle;
 * what does not answer right now is for a person to judge, since news wait for it. Reads only; seconds, whatever is dead.
 */
export function createCheckChannels(deps: ChannelDeps): ControlActivities['checkChannels'] {
  return async () => {
    const { webhooks = [], mail, slack } = deps;
    const secrets = [
      ...webhooks.flatMap(({ url, secret }) => [url, secret]),
      ...(mail?.login === undefined ? [] : [mail.login.password]),
      ...(slack === undefined ? [] : [slack.token]),
    ];
    const parts = await Promise.all([
      withinLimit('Slack', () => trySlack(placesOf(deps)), { secrets }),
      withinLimit('webhooks', () => tryWebhooks(webhooks), { secrets }),
      withinLimit('mail', async () => (mail === undefined ? [] : tryMail({ ...deps, mail })), { secrets }),
    ]);
    return parts.flatMap(({ findings }) => findings).map(forAPerson);
  };
}

function placesOf({ slack, channel, stakeholdersChannel: stakeholders }: SlackBoard): Parameters<typeof trySlack>[0] {
  if (slack === undefined || channel === undefined) return {};
  return {
    ...(slack.apiUrl !== undefined && { apiUrl: slack.apiUrl }),
    announcements: { token: slack.token, channel, ...(stakeholders !== undefined && { stakeholders }) },
  };
}

const forAPerson = (found: Finding): Finding => (found.status === 'unknown' ? { ...found, status: 'possible' } : found);
