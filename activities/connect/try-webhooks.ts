import { canConnect } from '../../adapters/application/can-connect';
import { finding, type Finding } from '../../contract/run/findings';
import type { NamedWebhook } from '../delivery/channels';

/** Whether each address takes connections. Sends nothing: whether a receiver takes our events shows with the first one. */
export const tryWebhooks = (webhooks: readonly NamedWebhook[]): Promise<Finding[]> =>
  Promise.all(
    webhooks.map(async ({ name, url }) => {
      const { place, because } = await canConnect(url, 4_000);
      return finding(`webhook ${name}`, because === undefined ? true : 'unknown', {
        expected: 'an address that takes connections (nothing was sent)',
        found: because === undefined ? place : `${place}: ${because}`,
        remedy: 'correct its url in the settings, or let this machine reach it; its events are kept and sent later',
      });
    }),
  );
