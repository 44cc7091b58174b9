import { appendFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment, FindEnvironment } from '../../../activities/environment/environment';
import type { EnvironmentName } from '../../../contract/run/names';
import type { Plan } from '../../../contract/plan/plan';
import { parsePlanFile } from '../../../contract/plan/plan-file';
import { seedSampleLog } from '../../../dev/sample-data/log-seed';
import { startSamplePlatform, type SamplePlatform } from '../../../dev/sample-platform/process';
import { openSampleServer, type SampleServer } from '../../../dev/sample-application/server';
import { openSampleStage, type SampleStage } from './sample-stage';

type Application = Environment['application'];
type ReleaseName = 'phase2' | 'phase3';

export interface StagingOptions {
  name?: EnvironmentName;
  release?: ReleaseName;
  /** Days of a quiet past in the log. Default 0. */
  logDays?: number;
}

/** The sample application with its database, Redis and log, as an environment that activities work on. */
export interface StagedEnvironment {
  environment: Environment;
  /** As a worker's settings give it. */
  find: FindEnvironment;
  /** With other settings, for one test. */
  findWith(other: Partial<Environment>, application?: Partial<Application>): FindEnvironment;
  stage: SampleStage;
  plan: Plan;
  logFile: string;
  folder: string;
  close(): Promise<void>;
}

/** One release that this process serves; ready in half a second. */
export interface ServedEnvironment extends StagedEnvironment {
  /** Ends the release, and starts another one; the environment's URL is then that one's. */
  serve(release: ReleaseName): Promise<void>;
  /** The application is gone until `serve`. */
  stopServing(): Promise<void>;
  /** A line of the application's log, as it would write it. */
  log(event: string, fields?: Record<string, unknown>): void;
}

/** The platform in processes of its own, with its actions. */
export interface PlatformEnvironment extends StagedEnvironment {
  platform: SamplePlatform;
}

export const bypassToken = 'let-me-through-please';

export async function openServedEnvironment(options: StagingOptions = {}): Promise<ServedEnvironment> {
  const base = await openBase(options);
  const { databaseUrl, redisUrl, logFile } = base;
  const write = (line: string): void => appendFileSync(logFile, `${line}\n`);
  const staged = stagedOn(base, options, {});
  let server: SampleServer | undefined;
  const stopServing = async (): Promise<void> => {
    await server?.close();
    server = undefined;
  };
  const serve = async (release: ReleaseName): Promise<void> => {
    await stopServing();
    server = await openSampleServer({ release, databaseUrl, redisUrl, port: 0, write });
    staged.environment.application.url = `http://127.0.0.1:${server.port}`;
  };
  await serve(options.release ?? 'phase3');
  return {
    ...staged,
    serve,
    stopServing,
    log: (event, fields = {}) =>
      write(JSON.stringify({ level: 'info', ...fields, event, timestamp: new Date().toISOString() })),
    close: async () => {
      await stopServing();
      await base.close();
    },
  };
}

export async function openPlatformEnvironment(options: StagingOptions = {}): Promise<PlatformEnvironment> {
  const base = await openBase(options);
  const { databaseUrl, redisUrl, logFile } = base;
  const release = options.release ?? 'phase2';
  const platform = await startSamplePlatform({ release, databaseUrl, redisUrl, logFile, bypassToken });
  return {
    ...stagedOn(base, options, { url: platform.frontUrl, actions: actionsOf(platform) }),
    platform,
    close: async () => {
      await platform.stop();
      await base.close();
    },
  };
}

type Base = Awaited<ReturnType<typeof openBase>>;

async function openBase({ logDays = 0 }: StagingOptions) {
  const folder = await mkdtemp(join(tmpdir(), 'rubicon-test-'));
  const logFile = join(folder, 'application.log');
  if (logDays > 0) seedSampleLog({ logFile, days: logDays });
  const stage = await openSampleStage();
  const close = async (): Promise<void> => {
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  };
  return {
    folder,
    logFile,
    stage,
    plan: await firstPlan(),
    databaseUrl: stage.database.url,
    redisUrl: stage.redisUrl,
    close,
  };
}

function stagedOn(base: Base, { name = 'staging' }: StagingOptions, served: Partial<Application>): StagedEnvironment {
  const { folder, logFile, stage, plan, databaseUrl: postgresUrl, redisUrl, close } = base;
  const environment: Environment = {
    target: 'agent-api',
    name,
    postgresUrl,
    redisUrl,
    backupFolder: join(folder, 'backups'),
    application: {
      url: '',
      health: { path: '/health', release: 'release' },
      probeKey: stage.data.probeKey,
      maintenanceBypass: { header: 'X-Maintenance-Bypass', value: bypassToken },
      logFile,
      actions: {},
      releaseChecks: [],
      ...served,
    },
  };
  const findWith: StagedEnvironment['findWith'] = (other, application) => () => ({
    ...environment,
    ...other,
    application: { ...environment.application, ...application },
  });
  return { environment, find: findWith({}), findWith, stage, plan, logFile, folder, close };
}

function actionsOf({ controlUrl }: SamplePlatform): Application['actions'] {
  return {
    deploy: { action: { post: `${controlUrl}/deploy` }, limitMs: 20_000 },
    maintenance: {
      action: { post: `${controlUrl}/maintenance` },
      check: { get: `${controlUrl}/state`, expect: { maintenance: '$on' } },
      limitMs: 5_000,
    },
  };
}

/** The plan of the product, as its file says. */
async function firstPlan(): Promise<Plan> {
  const name = 'drop-plaintext-api-keys';
  const text = await readFile(join(__dirname, '../../../plans', name, 'plan.yaml'), 'utf8');
  const parsed = parsePlanFile(name, text);
  if ('faults' in parsed) throw new Error(`expected a plan without faults, found ${JSON.stringify(parsed.faults)}`);
  return parsed.plan;
}
