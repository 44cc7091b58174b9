import { relative } from 'node:path';
import { toMs } from '../../contract/text/duration';
import type { Sections } from './danger';
import { votersOf } from './dangerous-people';
import { isLocal } from './settings-delivery';
import type { Secret } from './settings-secrets';

/** What is allowed and should be known. */
export function warningsOf({ policy, slack, people, approvalKey, backups, seals, webhooks, mail }: Sections): string[] {
  const { announcements, codes } = slack ?? {};
  const isSameToken = announcements && codes && isSame(announcements.token, codes.token);
  const missing = [
    ...(codes === undefined ? ['slack.codes'] : []),
    ...(announcements === undefined ? ['slack.announcements'] : []),
  ];
  return [
    ...(policy && toMs(policy.minimumSoak) < dayMs
      ? [`policy.minimumSoak is ${policy.minimumSoak}, the runbook's is 24 hours: production can be changed after less`]
      : []),
    ...(backups && isWithin(backups.folder, backups.identities ?? backups.folder)
      ? ['backups.identities is in backups.folder: anyone who gets that folder can decrypt what is in it']
      : []),
    ...(backups && toMs(backups.keep) < 7 * dayMs
      ? [`backups.keep is ${backups.keep}: recovery ends before the week of aftercare does`]
      : []),
    ...(isSameToken
      ? [
          'slack.announcements and slack.codes have the same token: anyone who runs the control worker can read approval codes',
        ]
      : []),
    ...(seals === undefined
      ? [
          'seals is missing: what workers have seen counts as claimed; "rubicon doctor --new-keys FOLDER" makes the keys',
        ]
      : []),
    ...(approvalKey === undefined ? ['approvalKey is missing: no one can approve'] : []),
    ...missing.map(
      (name) => `${name} is missing: ${name === 'slack.codes' ? 'no one can approve' : 'no one is notified'}`,
    ),
    ...(webhooks ?? [])
      .filter(({ url }) => isReadable(url))
      .map(({ name }) => `webhooks: ${name} has no TLS: its events are readable on their way`),
    ...(mail?.tls === 'none' && !isLocal(mail.host) ? ['mail.tls is none: mails are readable on their way'] : []),
    ...Object.entries(policy?.approvals ?? {}).flatMap(([role, count]) =>
      people && votersOf(people, role).length === count
        ? [`policy.approvals: all ${count} with role "${role}" must approve, and none of them can order a rollout`]
        : [],
    ),
  ];
}

const dayMs = 86_400_000;

/** HTTP without TLS, to another machine. */
function isReadable(url: string | Secret): boolean {
  const text = typeof url === 'string' ? url : url.value;
  if (text === undefined || !URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'http:' && !isLocal(hostname);
}

const isWithin = (folder: string, other: string): boolean => !/^\.\.(?:\/|$)/.test(relative(folder, other));

const isSame = (a: Secret, b: Secret): boolean => a.ref === b.ref || (a.value !== undefined && a.value === b.value);
