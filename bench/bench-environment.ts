import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Environment } from '../activities/environment/environment';
import type { Run } from '../contract/run/decisions';
import { digestOf } from '../contract/text/digest';
import type { EnvironmentName } from '../contract/run/names';
import type { Plan } from '../contract/plan/plan';
import { parsePlanFile } from '../contract/plan/plan-file';
import { startPostgres } from '../dev/servers/postgres-server';
import { installStatements } from '../sql/install';
import { fillManySessions } from './many-sessions';

const target = 'bench';

/** An environment with many sessions and the schema `rubicon`, and what a rollout hands to activities that change it. */
export interface BenchEnvironment {
  environment: Environment;
  url: string;
  binFolder: string;
  order: { run: Run; plan: Plan; planDigest: string };
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function openBenchEnvironment(
  rowCount: number,
  settings: Record<string, string> = {},
  name: EnvironmentName = 'staging',
): Promise<BenchEnvironment> {
  const server = await startPostgres({ settings: { shared_buffers: '256MB', ...settings } });
  const folder = mkdtempSync(join(tmpdir(), 'rubicon-bench-'));
  await fillManySessions(server.url, rowCount);
  const client = new Client({ connectionString: server.url });
  await client.connect();
  for (const { sql } of installStatements({ environment: name, target })) await client.query(sql);
  const plan = planOf();
  return {
    environment: {
      ...{
        target,
        name,
        postgresUrl: server.url,
        backupFolder: folder,
        toolsFolder: server.binFolder,
      },
      application: {
        ...{ url: 'http://127.0.0.1:9', health: { path: '/', release: 'release' }, probeKey: '' },
        ...{ actions: {}, releaseChecks: [] },
      },
    },
    url: server.url,
    binFolder: server.binFolder,
    order: { run: { target, workflowId: 'bench', firstRun: '1' }, plan, planDigest: digestOf(plan) },
    query: async (sql, values) => (await client.query<Record<string, unknown>>(sql, values)).rows,
    close: async () => {
      await client.end();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The first plan, for the table that is filled. */
function planOf(): Plan {
  const name = 'drop-plaintext-api-keys';
  const text = readFileSync(join(__dirname, '..', 'plans', name, 'plan.yaml'), 'utf8');
  const read = parsePlanFile(name, text);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  const { revision: _, ...plan } = read.plan;
  return { ...plan, removes: [{ column: 'sessions.owner_api_key', replacedBy: 'owner_api_key_hash' }] };
}
