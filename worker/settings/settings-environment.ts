import { join, resolve } from 'node:path';
import { toMs } from '../../contract/text/duration';
import type { EnvironmentName } from '../../contract/run/names';
import type { Loaded } from '../../contract/activities/loaded';
import type { ActionWithCheck, Application, Environment } from '../../activities/environment/environment';
import type { SealKeys } from '../../activities/environment/seal-keys';
import type { ActionFields, CheckFields } from './settings-actions';
import type { EnvironmentFields } from './settings-schema';
import type { Secret } from './settings-secrets';

/** What an environment has an adapter or an action for; no secret in it, so every role may know. */
export const coveredBy = ({ redis, application }: EnvironmentFields): Loaded['covered'][EnvironmentName] => ({
  redis: redis !== undefined,
  maintenance: application.actions.maintenance !== undefined,
  deploy: application.actions.deploy !== undefined,
  log: application.log !== undefined,
});

/** What an environment has from the other sections of the settings. Paths are absolute. */
export interface EnvironmentPlace {
  /** Its name. */
  target: string;
  name: EnvironmentName;
  /** Of the settings file. */
  folder: string;
  /** Folders of plans. */
  plans: readonly string[];
  /** Roots: each environment has a folder of its own below them. */
  backups: { folder: string; identities: string; keepMs: number; scope: NonNullable<Environment['backupScope']> };
  /** What preflight does about programs of PostgreSQL with known faults in restoring. */
  securityFloor: 'warn' | 'block';
  /** What preflight does about a worker that connects as superuser. */
  superuser: 'warn' | 'block';
  /** Whether a rollout stops where it could not be rehearsed on a copy. */
  rehearseOnCopy: NonNullable<Environment['rehearseOnCopy']>;
  seals?: SealKeys | undefined;
}

/** One environment with its secrets, for the worker of its role. */
export function environmentOf(
  fields: EnvironmentFields,
  { target, name, folder, plans, backups, securityFloor, superuser, rehearseOnCopy, seals }: EnvironmentPlace,
): Environment {
  return {
    target,
    name,
    postgresUrl: valueOf(fields.postgres),
    ...(fields.redis && { redisUrl: valueOf(fields.redis) }),
    application: applicationOf(fields.application, folder),
    plans,
    backupFolder: join(backups.folder, target, name),
    identityFolder: join(backups.identities, target, name),
    keepBackupsMs: backups.keepMs,
    ...(fields.tools !== undefined && { toolsFolder: resolve(folder, fields.tools) }),
    secrets: secretsIn(fields),
    backupScope: backups.scope,
    securityFloor,
    superuser,
    rehearseOnCopy,
    ...(seals && { seals }),
  };
}

function applicationOf(fields: EnvironmentFields['application'], folder: string): Application {
  const {
    url,
    health,
    probeKey,
    probeKeyHeader,
    callIdHeader,
    maintenanceBypass,
    log,
    actions,
    planActions,
    releaseChecks,
  } = fields;
  const { deploy, maintenance } = actions;
  return {
    url,
    ...(health && { health }),
    probeKey: valueOf(probeKey),
    ...(probeKeyHeader && { probeKeyHeader: headerOf(probeKeyHeader) }),
    releaseChecks,
    ...(Object.keys(planActions).length > 0 && {
      planActions: Object.fromEntries(Object.entries(planActions).map(([name, action]) => [name, actionOf(action)])),
    }),
    ...(maintenanceBypass && {
      maintenanceBypass: { header: maintenanceBypass.header, value: valueOf(maintenanceBypass.value) },
    }),
    ...(callIdHeader !== undefined && { callIdHeader }),
    ...(log !== undefined && { logFile: resolve(folder, log) }),
    actions: {
      ...(deploy && { deploy: actionOf(deploy) }),
      ...(maintenance && { maintenance: actionOf(maintenance) }),
    },
  };
}

const headerOf = ({
  name,
  scheme,
}: {
  name: string;
  scheme?: string | undefined;
}): { name: string; scheme?: string } => ({
  name,
  ...(scheme !== undefined && { scheme }),
});

const actionOf = (fields: ActionFields): ActionWithCheck => ({
  action: bareActionOf(fields),
  ...(fields.check && { check: checkOf(fields.check) }),
  limitMs: toMs(fields.limit),
});

function bareActionOf({ command, post, person, headers, environment }: ActionFields): ActionWithCheck['action'] {
  if (command !== undefined) return { command, ...(environment && { environment: valuesOf(environment) }) };
  if (post !== undefined) return { post: textOf(post), ...(headers && { headers: valuesOf(headers) }) };
  return { person: person ?? '' };
}

function checkOf({
  get,
  headers,
  expect = {},
  command = [],
  environment,
}: CheckFields): ActionWithCheck['check'] & object {
  if (get === undefined) return { command, ...(environment && { environment: valuesOf(environment) }) };
  return { get: textOf(get), expect, ...(headers && { headers: valuesOf(headers) }) };
}

const textOf = (address: string | Secret): string => (typeof address === 'string' ? address : valueOf(address));

const valuesOf = (secrets: Record<string, Secret>): Record<string, string> =>
  Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, valueOf(secret)]));

function valueOf({ ref, value }: Secret): string {
  if (value !== undefined) return value;
  throw new Error(`expected ${ref} to be resolved; an environment is made for the worker of its role only`);
}

/** Wherever they stand: those of actions and checks too. */
function secretsIn(fields: unknown): string[] {
  if (typeof fields !== 'object' || fields === null) return [];
  if ('ref' in fields && 'value' in fields) return [String(fields.value)];
  return [...new Set(Object.values(fields).flatMap(secretsIn))];
}
