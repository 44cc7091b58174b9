import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { newSealPair } from '../../activities/environment/seal-keys';
import { environments as environmentNames, type EnvironmentName } from '../../contract/run/names';
import { localApps } from '../local-slack/local-slack';
import { teamId } from '../local-slack/store';
import type { EnvironmentFacts } from './environment';
import { stackChannels, stackPeople } from './people';

/** An environment of which settings can be written: it need not run yet. */
export type SettledEnvironment = EnvironmentFacts & { platform: { frontUrl: string; controlUrl: string } };

/** What the settings of a local stack say; the rest follows from its environments. */
export interface StackSettings {
  folder: string;
  target: string;
  environments: Record<EnvironmentName, SettledEnvironment>;
  slackApiUrl: string;
  temporalUi?: string;
  /** Folder of PostgreSQL's client and server programs. */
  toolsFolder: string;
  reportsFolder?: string;
  /** Overrides durations of the plan, so its digest differs from the one in `plans/`. */
  durations: Record<string, string>;
  minimumSoak: string;
  /** Of age, by person; without it nothing can be sealed for them. */
  recipients?: Record<string, string>;
  /** Changes the plan further, for tests. */
  changePlan?: (plan: Record<string, unknown>) => void;
  /** Sections beside Slack by which people are told, with the variables that hold their secrets. */
  channels?: { webhooks?: object[]; mail?: object; env: Record<string, string> };
  /** People of no Slack. */
  others?: Record<string, object>;
  /** Actions that a plan names, by environment. */
  planActions?: Record<EnvironmentName, object>;
}

/** The plan of the local stack; its copy has other durations. */
export const planName = 'drop-plaintext-api-keys';

/** Writes `rubicon.yaml` and its own copy of the plan; returns the file and the variables that hold the secrets. */
export function writeStackSettings(settings: StackSettings): { file: string; env: Record<string, string> } {
  const { folder, target, environments, slackApiUrl, temporalUi, minimumSoak } = settings;
  writePlan(settings);
  const env: Record<string, string> = {
    RUBICON_SLACK_TOKEN: localApps[0]?.token ?? '',
    RUBICON_SLACK_CODES_TOKEN: localApps[1]?.token ?? '',
    RUBICON_SLACK_APP_TOKEN: localApps[1]?.appToken ?? '',
    RUBICON_APPROVAL_KEY: 'local-approval-key-of-a-throw-away-stack-0123456789',
    ...settings.channels?.env,
  };
  const { webhooks, mail } = settings.channels ?? {};
  const yaml = {
    plans: ['plans'],
    people: { ...slackPeople(settings), ...settings.others },
    policy: { approvals: { approver: 2 }, onCall: 'on-call', minimumSoak },
    slack: {
      apiUrl: slackApiUrl,
      announcements: {
        token: 'env:RUBICON_SLACK_TOKEN',
        channel: stackChannels[0].id,
        stakeholders: stackChannels[1].id,
      },
      codes: {
        token: 'env:RUBICON_SLACK_CODES_TOKEN',
        buttons: { appToken: 'env:RUBICON_SLACK_APP_TOKEN', team: teamId },
      },
    },
    ...(webhooks && { webhooks }),
    ...(mail && { mail }),
    ...(temporalUi !== undefined && { temporalUi }),
    backups: { folder: 'backups', identities: 'identities', keep: '30 days' },
    reports: { folder: settings.reportsFolder ?? 'reports' },
    approvalKey: { id: 'local', key: 'env:RUBICON_APPROVAL_KEY' },
    seals: sealSettings(env),
    targets: {
      [target]: {
        staging: environmentSettings(environments.staging, settings, env),
        production: environmentSettings(environments.production, settings, env),
      },
    },
  };
  const file = join(folder, 'rubicon.yaml');
  writeFileSync(file, stringify(yaml));
  return { file, env: { ...env, RUBICON_CONFIG: file } };
}

/** New ones for each stack. */
const sealSettings = (env: Record<string, string>): object =>
  Object.fromEntries(
    environmentNames.map((name) => {
      const pair = newSealPair();
      const variable = `${name.toUpperCase()}_SEAL_KEY`;
      env[variable] = pair.private;
      return [name, { private: `env:${variable}`, public: pair.public }];
    }),
  );

const slackPeople = (settings: StackSettings): Record<string, object> =>
  Object.fromEntries(
    peopleOf(settings).map(({ name, slackId, roles }) => [
      name,
      {
        ...{ slack: slackId, email: `${name}@example.com`, roles: [...roles] },
        ...(settings.recipients?.[name] !== undefined && { recipient: settings.recipients[name] }),
      },
    ]),
  );

/** A custodian for whom nothing could be sealed is refused. */
const peopleOf = ({ recipients }: StackSettings) =>
  stackPeople.filter(({ name, roles }) => roles[0] !== 'custodian' || recipients?.[name] !== undefined);

function writePlan({ folder, durations, changePlan }: StackSettings): void {
  const source = join(__dirname, '../..', 'plans', planName, 'plan.yaml');
  const plan = parse(readFileSync(source, 'utf8')) as Record<string, unknown>;
  plan['durations'] = { ...(plan['durations'] as object | undefined), ...durations };
  changePlan?.(plan);
  mkdirSync(join(folder, 'plans', planName), { recursive: true });
  writeFileSync(join(folder, 'plans', planName, 'plan.yaml'), stringify(plan));
}

function environmentSettings(
  environment: SettledEnvironment,
  { toolsFolder: tools, planActions }: StackSettings,
  env: Record<string, string>,
): object {
  const { name, workerUrl, redisUrl, platform, data, logFile, bypassToken } = environment;
  const upper = name.toUpperCase();
  Object.assign(env, {
    [`${upper}_DATABASE_URL`]: workerUrl,
    [`${upper}_REDIS_URL`]: redisUrl,
    [`${upper}_PROBE_KEY`]: data.probeKey,
    [`${upper}_MAINTENANCE_BYPASS`]: bypassToken,
  });
  const { frontUrl, controlUrl } = platform;
  return {
    postgres: `env:${upper}_DATABASE_URL`,
    redis: `env:${upper}_REDIS_URL`,
    tools,
    application: {
      url: frontUrl,
      health: { path: '/health', release: 'release' },
      probeKey: `env:${upper}_PROBE_KEY`,
      maintenanceBypass: { header: 'X-Maintenance-Bypass', value: `env:${upper}_MAINTENANCE_BYPASS` },
      log: logFile,
      ...(planActions && { planActions: planActions[name] }),
      actions: {
        deploy: {
          post: `${controlUrl}/deploy`,
          limit: '1 minute',
          check: { get: `${frontUrl}/health`, expect: { release: '$release' } },
        },
        maintenance: {
          post: `${controlUrl}/maintenance`,
          limit: '30 s',
          check: { get: `${controlUrl}/state`, expect: { maintenance: '$on' } },
        },
      },
    },
  };
}
