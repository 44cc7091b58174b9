import { tryEnvironment } from '../../activities/connect/try-environment';
import { tryMail } from '../../activities/connect/try-mail';
import { trySlack } from '../../activities/connect/try-slack';
import { tryWebhooks } from '../../activities/connect/try-webhooks';
import { withinLimit, type Part } from '../../activities/connect/within-limit';
import { finding, obstacles, type Finding } from '../../contract/run/findings';
import { environments, type Role } from '../../contract/run/names';
import type { Settings } from '../settings/settings';
import { tryTemporal } from '../temporal/try-temporal';

/** What a worker of these roles would reach, under one heading. */
export interface Tried {
  /** Such as `agent-api, staging`. */
  title: string;
  parts: Part[];
}

/**
 * Tries every connection that the settings name for these roles, all at the same time. Changes nothing and writes nothing.
 *
 * @param limitMs of each part; default 10 s
 */
export async function tryConnections(settings: Settings, roles: readonly Role[], limitMs?: number): Promise<Tried[]> {
  const named = settings.targets.flatMap((target) =>
    environments.flatMap((name) => {
      const environment = target[name];
      return environment === undefined ? [] : [{ title: `${target.name}, ${name}`, environment }];
    }),
  );
  const [shared, ...each] = await Promise.all([
    trySharedParts(settings, roles, limitMs),
    ...named.map(async ({ title, environment }) => ({ title, parts: await tryEnvironment(environment, limitMs) })),
  ]);
  return [...each, { title: 'for all targets', parts: shared }];
}

function trySharedParts(settings: Settings, roles: readonly Role[], limitMs?: number): Promise<Part[]> {
  const { slack, webhooks, mail, people, policy } = settings;
  const limit = limitMs === undefined ? {} : { limitMs };
  const secrets = [
    ...[slack.announcements?.token, slack.codes?.token, slack.codes?.buttons?.appToken, mail?.login?.password],
    ...webhooks.flatMap(({ url, secret }) => [url, secret]),
  ].filter((secret) => secret !== undefined);
  const isTelling = roles.includes('control');
  const usesSlack = roles.includes('control') || roles.includes('production');
  return Promise.all([
    tryTemporal(limitMs),
    ...(usesSlack ? [withinLimit('Slack', () => tryOurSlack(settings, roles), { secrets, ...limit })] : []),
    ...(isTelling && webhooks.length > 0
      ? [withinLimit('webhooks', () => tryWebhooks(webhooks), { secrets, ...limit })]
      : []),
    ...(isTelling && mail !== undefined
      ? [withinLimit('mail', () => tryMail({ mail, people, policy }), { secrets, ...limit })]
      : []),
    ...(roles.includes('production')
      ? [Promise.resolve({ part: 'approvals', findings: [approvalKey(settings)] })]
      : []),
  ]);
}

/** What is absent has no token to try, and someone will miss it. */
async function tryOurSlack({ slack }: Settings, roles: readonly Role[]): Promise<Finding[]> {
  const missing = [
    ...(roles.includes('control') && slack.announcements === undefined ? ['announcements'] : []),
    ...(roles.includes('production') && slack.codes === undefined ? ['codes'] : []),
  ];
  return [
    ...(await trySlack(slack)),
    ...missing.map((name): Finding => {
      const isNeeded = name === 'codes';
      const facts = {
        expected: 'a token in the settings',
        found: 'none',
        remedy: `add slack.${name}: ${isNeeded ? 'no one can approve without it' : 'no one is notified without it'}`,
      };
      const check = `app for ${name}`;
      return isNeeded ? finding(check, false, facts) : { check, status: 'not covered', ...facts };
    }),
  ];
}

/** Only that it is there: whether it is that of the other production workers shows in no single one. */
const approvalKey = ({ approvalKey: key }: Settings): Finding =>
  finding('approval key', key !== undefined, {
    expected: 'a key of 32 bytes or more',
    found: key === undefined ? 'none in the settings' : `"${key.id}"`,
    remedy: 'add approvalKey to the settings: no one can approve without it',
  });

/** Exit status 0 only if nothing is in the way and nothing is unknown. */
export const isAllWell = (tried: readonly Tried[]): boolean =>
  tried.every(({ parts }) => parts.every(({ findings }) => obstacles(findings).length === 0));
