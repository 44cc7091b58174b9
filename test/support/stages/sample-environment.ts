import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import type { Electorate } from '../../../activities/decisions/voters';
import type { Environment } from '../../../activities/environment/environment';
import type { Run } from '../../../contract/run/decisions';
import { digestOf } from '../../../contract/text/digest';
import type { EnvironmentName } from '../../../contract/run/names';
import { parsePlanFile } from '../../../contract/plan/plan-file';
import type { Plan } from '../../../contract/plan/plan';
import { findPostgresFolder } from '../../../dev/servers/programs';
import { createSampleSchema } from '../../../dev/sample-data/schema';
import { seedSampleRows } from '../../../dev/sample-data/seed';
import { installStatements } from '../../../sql/install';
import { createDatabase, type OtherServer, type TestDatabase } from '../servers/servers';

/** A seeded database with the schema `rubicon`, and all that activities know of it; no application. */
export interface SampleEnvironment {
  database: TestDatabase;
  environment: Environment;
  find: () => Environment;
  close(): Promise<void>;
}

/** Small enough to be backed up, restored and filled within a second or two. */
const size = { sessions: 400, assistants: 300, publicRows: 5 };

/** Fills an empty database. */
export async function fillSample(url: string, environment: EnvironmentName): Promise<void> {
  await createSampleSchema(url);
  await seedSampleRows(url, { ...size, environment });
  const client = new Client({ connectionString: url });
  await client.connect();
  for (const { sql } of installStatements({ environment, target: 'agent-api' })) await client.query(sql);
  await client.end();
}

/**
 * @param name what the settings say that it is; its database and server are those of this environment
 * @param like one with the same rows, whose backups it has, too: a backup takes longer than everything else
 * @param on `extended`: on the server with contrib and ICU, and with its programs; `postgres18` likewise
 */
export async function openSampleEnvironment(
  name: EnvironmentName = 'production',
  like?: SampleEnvironment,
  on: EnvironmentName | OtherServer = name,
): Promise<SampleEnvironment> {
  const template = { name: `sample_of_${name}`, fill: (url: string) => fillSample(url, name) };
  const database = await createDatabase({ on, template });
  const backupFolder = like?.environment.backupFolder ?? mkdtempSync(path.join(tmpdir(), 'rubicon-test-backups-'));
  const environment: Environment = {
    target: 'agent-api',
    name,
    postgresUrl: database.url,
    application: {
      url: 'http://127.0.0.1:9', // nobody answers
      health: { path: '/health', release: 'release' },
      probeKey: 'none',
      actions: {},
      releaseChecks: [],
    },
    backupFolder,
    toolsFolder: on === name ? findPostgresFolder() : database.server.binFolder,
  };
  const close = async () => {
    await database.drop();
    if (like === undefined) rmSync(backupFolder, { recursive: true, force: true });
  };
  return { database, environment, find: () => environment, close };
}

/** A copy as it is now, with the same backups: a way to it that is long is gone once. Ends all connections to it. */
export async function copySampleEnvironment({ database, environment }: SampleEnvironment): Promise<SampleEnvironment> {
  const admin = new Client({ connectionString: database.server.url });
  await admin.connect();
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [database.name]);
  await admin.end();
  const copy = await createDatabase({
    ...(environment.name === 'production' && { on: 'production' }),
    template: { name: database.name, fill: () => Promise.resolve() }, // it is there
  });
  const own: Environment = { ...environment, application: { ...environment.application }, postgresUrl: copy.url };
  return { database: copy, environment: own, find: () => own, close: () => copy.drop() };
}

/** The first plan, as it stands in the repository, with short waits. */
export function firstPlan(change: (plan: Plan) => Partial<Plan> = () => ({})): { plan: Plan; planDigest: string } {
  const name = 'drop-plaintext-api-keys';
  const text = readFileSync(path.join(__dirname, `../../../plans/${name}/plan.yaml`), 'utf8');
  const read = parsePlanFile(name, text);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  const durations = { ...read.plan.durations, lockGivesUp: '3 s', lockTimeout: '100 ms' };
  const plan = { ...read.plan, durations, ...change(read.plan) };
  return { plan, planDigest: digestOf(plan) };
}

/** As an effect of this plan is ordered, by a run of its own. */
export const orderOf = (plan: Plan, run: Run = newRun()): { run: Run; plan: Plan; planDigest: string } => ({
  ...{ run, plan, planDigest: digestOf(plan) },
});

/** A run of its own for each call. */
export const newRun = (workflowId = 'agent-api/drop-plaintext-api-keys/2026-11', target = 'agent-api'): Run => ({
  target,
  workflowId,
  firstRun: randomBytes(16).toString('hex'),
});

/** Maria asks, Anna and Ben approve, Otto is on call. */
export const electorate: Electorate = {
  people: [
    { name: 'maria', roles: ['release-manager', 'approver'], slackId: 'U01' },
    { name: 'anna', roles: ['approver'], slackId: 'U02' },
    { name: 'ben', roles: ['approver', 'on-call'], slackId: 'U03' },
    { name: 'otto', roles: ['on-call'], slackId: 'U04' },
  ],
  policy: { approvals: { approver: 2 }, onCall: 'on-call', custodian: 'custodian', minimumSoakMs: 0 },
  approvalKey: { id: 'test', secret: 'an approval key of at least 32 bytes, for tests alone' },
};
