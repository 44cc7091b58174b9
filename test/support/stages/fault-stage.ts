import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, type QueryResultRow } from 'pg';
import type { Environment } from '../../../activities/environment/environment';
import { findPostgresFolder } from '../../../dev/servers/programs';
import { installAudit } from '../looks/ddl-audit';
import { decide } from './decided';
import { approveRollback } from './dropped';
import { runStep, type Memory, type StepName } from '../faults/fault-steps';
import { electorate, fillSample, firstPlan, newRun } from './sample-environment';
import { startPostgres } from '../servers/servers';
import { serves } from './serves';

/** A production as it is just before one step. */
export interface FaultPlace {
  environment: Environment;
  memory: Memory;
  /** As superuser, on a connection of its own each time: the server may have been restarted. */
  query<Row extends QueryResultRow = QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** A server that tests may break, with a rollout that was stopped before each of its steps. */
export interface FaultStage {
  postgres: Awaited<ReturnType<typeof startPostgres>>;
  /** A copy of everything as it was before this step: database, backups, memory. */
  open(before: StepName): Promise<FaultPlace>;
  close(): Promise<void>;
}

const way = ['backup', 'proveBackup', 'freeze', 'finalCopy', 'hide', 'drop'] as const;
const verbs = ['restoreRemoved', 'refillRemoved', 'finishRestore', 'endWriteGuard'] as const;

/** Other steps begin where one of these does. */
const beginsLike: Partial<Record<StepName, StepName>> = {
  ...{ rehearseOnCopy: 'backup', unhide: 'drop', undoRemoval: 'drop', flushCache: 'freeze' },
};

/** Takes one rollout there and back, and keeps what was before each step. */
export async function openFaultStage(): Promise<FaultStage> {
  const postgres = await startPostgres({ name: 'PostgreSQL with faults' });
  const folder = mkdtempSync(path.join(tmpdir(), 'rubicon-faults-'));
  const query = (sql: string) => ask(postgres.url, sql);
  const backupsOf = (name: string): string => path.join(folder, name);
  const environmentOf = (name: string): Environment => ({
    ...{ target: 'agent-api', name: 'production', postgresUrl: postgres.urlOf({ database: name }) },
    application: {
      url: 'http://127.0.0.1:9', // each step says who answers
      health: { path: '/health', release: 'release' },
      ...{ probeKey: 'none', actions: {}, releaseChecks: [] },
    },
    ...{ backupFolder: backupsOf(name), toolsFolder: findPostgresFolder() },
  });
  const copy = async (from: string, to: string): Promise<void> => {
    await query(`create database ${to} template ${from}`);
    cpSync(backupsOf(from), backupsOf(to), { recursive: true });
  };

  const taken = new Map<StepName, Memory>();
  const environment = environmentOf('live');
  await query('create database live');
  mkdirSync(environment.backupFolder);
  await fillSample(environment.postgresUrl, 'production');
  await installAudit(environment.postgresUrl);
  const memory = await approvedRun(environment);
  for (const step of [...way, ...verbs]) {
    if (step === 'restoreRemoved') {
      memory.verbs = await approveRollback({ environment }, memory, { lossy: false, expiresAt: inADay() });
    }
    await copy('live', `before_${step}`.toLowerCase());
    taken.set(step, structuredClone(memory));
    await runStep({ step, environment, electorate, memory });
  }

  let opened = 0;
  return {
    postgres,
    open: async (before) => {
      const [stage, name] = [beginsLike[before] ?? before, `place_${(opened += 1)}`];
      await copy(`before_${stage}`.toLowerCase(), name);
      const here = environmentOf(name);
      const { from, to } = memory.plan.release;
      await serves(here, stage === 'drop' ? to : from);
      return {
        environment: here,
        memory: structuredClone(taken.get(stage) ?? memory),
        query: (sql, values) => ask(here.postgresUrl, sql, values),
        close: async () => {
          await query(`drop database ${name} with (force)`);
          rmSync(here.backupFolder, { recursive: true });
        },
      };
    },
    close: async () => {
      await postgres.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Approved by its quorum, for as long as a whole run of all faults may take. */
async function approvedRun(environment: Environment): Promise<Memory> {
  const { plan, planDigest } = firstPlan(({ durations }) => ({
    durations: { ...durations, lockGivesUp: '20 s', lockTimeout: '100 ms' },
  }));
  const run = newRun();
  const order = { name: 'production', expiresAt: inADay() };
  const { decision } = await decide(environment, { run, plan, planDigest }, order);
  return { run, plan, planDigest, decision, backup: '', freeze: '', copy: '' };
}

const inADay = (): string => new Date(Date.now() + 86_400_000).toISOString();

async function ask<Row extends QueryResultRow>(url: string, sql: string, values?: unknown[]): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined); // told by the query
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}
