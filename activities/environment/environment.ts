import type { Action, Check } from '../../adapters/application/action';
import type { EnvironmentName } from '../../contract/run/names';
import type { SealKeys } from './seal-keys';

/**
 * What a worker knows of one environment of one target: from its own settings, never from a workflow's input.
 * Activities open their connections per call and close them again; nothing is kept between two calls.
 */
export interface Environment {
  /** Its name in the settings. */
  target: string;
  name: EnvironmentName;
  /** Secret: holds the password. */
  postgresUrl: string;
  /** Secret. Absent = the target has no Redis. */
  redisUrl?: string;
  application: Application;
  /** Folders that hold one folder a plan: a statement of a plan is run only as it stands there. Absent = none. */
  plans?: readonly string[];
  /** Folder of this target's dumps, receipts and captured definitions; one folder a backup below it. */
  backupFolder: string;
  /** Folder of what decrypts them; absent = `identities` in the backup folder. */
  identityFolder?: string;
  /** How long backups and final copies are kept, at least and at most; absent = nothing is destroyed. */
  keepBackupsMs?: number;
  /** Folder of pg_dump, pg_restore, initdb and postgres; absent = `PATH`. */
  toolsFolder?: string;
  /** Every secret of this environment, also those of its actions: masked in what comes back from outside. */
  secrets?: readonly string[];
  /** Whose rows are backed up: all of the database (if absent), the plan's tables, or these (`schema.table`). */
  backupScope?: 'database' | 'tables' | string[];
  /** Keys that seal what this worker has seen and done; absent = it counts as claimed. */
  seals?: SealKeys;
  /** What to do about client programs with known faults; absent = warn. */
  securityFloor?: 'warn' | 'block';
  /** What to do where the role of the worker is a superuser; absent = warn. */
  superuser?: 'warn' | 'block';
  /** Whether a rehearsal on the copy that could not be had stops a rollout; absent = required. */
  rehearseOnCopy?: RehearsalPolicy;
  /** This is no environment, but a throw-away copy of one. Only our own code makes such; no setting does. */
  copy?: ThrowAwayCopy;
}

export type RehearsalPolicy = 'required' | 'where possible';

/** Nobody but us reaches it, and it is gone in a moment: effects need no decision, and it has no backup of its own. */
export interface ThrowAwayCopy {
  /** The release that would serve, since on a copy none does. */
  serves: string;
}

/** Whether effects need no decision of people here: in staging, and on a copy. */
export const decidesAlone = ({ name, copy }: Environment): boolean => name === 'staging' || copy !== undefined;

/** How the application of one environment is reached, read and switched. */
export interface Application {
  /** Base URL that clients use. */
  url: string;
  /** Path of the health answer, and its field that names the serving release. Absent: the check of `deploy` tells it. */
  health?: { path: string; release: string };
  /** How calls carry the probe key; absent = `X-API-Key` with nothing before it. */
  probeKeyHeader?: { name: string; scheme?: string };
  /** Secret: an API key that works, of an owner who may be used for probing. */
  probeKey: string;
  /** One more header for the id of each call, where the application logs none of the usual ones. */
  callIdHeader?: string;
  /** Header that lets our probes through while maintenance is on. The value is secret. */
  maintenanceBypass?: { header: string; value: string };
  /** The application's log on this machine. */
  logFile?: string;
  /** `deploy` gets the parameter `release`; `maintenance` gets `on`. */
  actions: { deploy?: ActionWithCheck; maintenance?: ActionWithCheck };
  /** What plans leave to the platform, by name; they get `revision`, and `verb`. */
  planActions?: Record<string, ActionWithCheck>;
  /** Commands whose exit status 0 is evidence that the release is the right one. */
  releaseChecks: { name: string; command: string[] }[];
}

/** An action, what proves that it has worked, and how long that may take. */
export interface ActionWithCheck {
  action: Action;
  /** Absent = the action's own answer counts, and it is run again each time. */
  check?: Check;
  /** For the action and its check together. */
  limitMs: number;
}

/** The environment of a target, by the role of this worker. @throws `InvalidInput` for a target it does not have */
export type FindEnvironment = (target: string) => Environment;
