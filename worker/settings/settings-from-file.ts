import { join, resolve } from 'node:path';
import { toMs } from '../../contract/text/duration';
import type { EnvironmentName } from '../../contract/run/names';
import type { Loaded } from '../../contract/activities/loaded';
import type { Environment } from '../../activities/environment/environment';
import type { ApprovalKey, Person, Policy } from '../../activities/decisions/policy';
import type { MailChannel, NamedWebhook } from '../../activities/delivery/channels';
import { coveredBy, environmentOf } from './settings-environment';
import { mailOf, webhooksOf } from './settings-delivery';
import { warningsOf } from './settings-warnings';
import type { SettingsFile } from './settings-schema';
import { sealKeysOf } from './settings-seals';
import type { SecretSource } from './settings-secrets';

/** Settings of a worker, with the secrets of its roles and no others. Paths are absolute. */
export interface Settings {
  /** Of the settings themselves. */
  file: string;
  /** Folders that hold one folder a plan. */
  plans: string[];
  people: Person[];
  policy: Policy;
  slack: {
    apiUrl?: string;
    /** Control role only. */
    announcements?: { token: string; channel: string; stakeholders?: string };
    /** Production role only. */
    codes?: { token: string; buttons?: { appToken: string; team: string } };
  };
  /** Control role only; else empty. */
  webhooks: NamedWebhook[];
  /** Control role only. Absent = no mail is sent. */
  mail?: MailChannel;
  /** `https://host/namespaces/<namespace>`, without a slash at its end; absent = messages have no links. */
  temporalUi?: string;
  /** `identities`: folder of what decrypts them; `scope`: whose rows are dumped. */
  backups: { folder: string; identities: string; keepMs: number; scope: 'database' | 'tables' | string[] };
  reports: { folder: string };
  /** Production role only. */
  approvalKey?: ApprovalKey;
  /** What a control worker does at its start if today's code can't replay an open run. */
  replay: 'refuse' | 'warn';
  /** What a worker does at its start if a fail-point is armed. */
  failPoints: 'refuse' | 'allow';
  /** Worker versioning; absent = unversioned. */
  deployment?: { name: string; build: string };
  targets: Target[];
  /** Every resolved secret, to be masked wherever it might show. */
  secrets: string[];
  /** What is allowed and should be known, a sentence each. */
  warnings: string[];
}

/** An environment is there for its role only; what it covers is known to all. */
export type Target = { name: string; covered: Loaded['covered'] } & Partial<Record<EnvironmentName, Environment>>;

/** Settings from a file without fault: names instead of fields, absolute paths, milliseconds, and no reference left. */
export function settingsOf(fields: SettingsFile, source: SecretSource, file: string): Settings {
  const { folder, roles } = source;
  const absolute = (path: string): string => resolve(folder, path);
  const backups = backupsOf(fields.backups, absolute);
  const { securityFloor, superuser, rehearseOnCopy } = fields.policy;
  const plans = fields.plans.map(absolute);
  const place = { folder, plans, backups, securityFloor, superuser, rehearseOnCopy };
  return {
    file,
    plans,
    people: Object.entries(fields.people).map(([name, { slack, email, roles, recipient }]) => ({
      name,
      roles,
      ...(slack !== undefined && { slackId: slack }),
      ...(email !== undefined && { email }),
      ...(recipient !== undefined && { recipient }),
    })),
    policy: policyOf(fields.policy),
    slack: slackOf(fields.slack),
    webhooks: webhooksOf(fields.webhooks),
    ...(fields.mail && roles.includes('control') && { mail: mailOf(fields.mail) }),
    ...(fields.temporalUi !== undefined && { temporalUi: fields.temporalUi }),
    backups,
    reports: { folder: absolute(fields.reports.folder) },
    ...approvalKeyOf(fields.approvalKey),
    replay: fields.worker.replay,
    failPoints: fields.worker.failPoints,
    ...(fields.worker.deployment && { deployment: fields.worker.deployment }),
    targets: Object.entries(fields.targets).map(([target, both]) => ({
      name: target,
      covered: { staging: coveredBy(both.staging), production: coveredBy(both.production) },
      ...(roles.includes('staging') && {
        staging: environmentOf(both.staging, {
          target,
          name: 'staging',
          ...place,
          seals: sealKeysOf(fields.seals, 'staging'),
        }),
      }),
      ...(roles.includes('production') && {
        production: environmentOf(both.production, {
          ...{ target, name: 'production', ...place },
          seals: sealKeysOf(fields.seals, 'production'),
        }),
      }),
    })),
    secrets: [...source.secrets],
    warnings: warningsOf(fields),
  };
}

function policyOf(fields: SettingsFile['policy']): Policy {
  const { approvals, onCall, custodian, minimumSoak, windows, freezes, override } = fields;
  return {
    ...{ approvals, onCall, custodian, minimumSoakMs: toMs(minimumSoak) },
    ...(windows.length > 0 && { windows }),
    ...(freezes.length > 0 && { freezes }),
    ...(override !== undefined && { override }),
  };
}

function backupsOf(fields: SettingsFile['backups'], absolute: (path: string) => string): Settings['backups'] {
  const folder = absolute(fields.folder);
  const identities = fields.identities === undefined ? join(folder, 'identities') : absolute(fields.identities);
  return { folder, identities, keepMs: toMs(fields.keep), scope: fields.scope };
}

function slackOf(slack: SettingsFile['slack']): Settings['slack'] {
  const { apiUrl, announcements, codes } = slack ?? {};
  const { channel, stakeholders } = announcements ?? {};
  return {
    ...(apiUrl !== undefined && { apiUrl }),
    ...(announcements?.token.value !== undefined &&
      channel !== undefined && {
        announcements: {
          token: announcements.token.value,
          channel,
          ...(stakeholders !== undefined && { stakeholders }),
        },
      }),
    ...(codes?.token.value !== undefined && { codes: { token: codes.token.value, ...buttonsOf(codes.buttons) } }),
  };
}

const buttonsOf = (
  field: NonNullable<NonNullable<SettingsFile['slack']>['codes']>['buttons'],
): { buttons?: { appToken: string; team: string } } =>
  field?.appToken.value === undefined ? {} : { buttons: { appToken: field.appToken.value, team: field.team } };

const approvalKeyOf = (field: SettingsFile['approvalKey']): { approvalKey?: ApprovalKey } =>
  field?.key.value === undefined ? {} : { approvalKey: { id: field.id, secret: field.key.value } };
