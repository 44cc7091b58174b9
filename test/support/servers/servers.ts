import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { Pool, type QueryResultRow } from 'pg';
import { SHARED_SERVERS, type SharedPostgres, type SharedTemporal } from './shared-servers';

// Servers of a test's own, for tests that stop or kill them.
export { startPostgres } from '../../../dev/servers/postgres-server';
export { startRedis, type RedisServer } from '../../../dev/servers/redis-server';
export { startTemporal } from '../../../dev/servers/temporal-server';

/** A database of the test's own, on a server that all test files share. */
export interface TestDatabase {
  /** As superuser, with the password. */
  url: string;
  name: string;
  server: SharedPostgres;
  /** As superuser; rows. Connections are kept for the next call. */
  query<Row extends QueryResultRow = QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Ends all connections to it. May be left out: the server goes at the end of the run. */
  drop(): Promise<void>;
}

export interface DatabaseOptions {
  /**
   * Servers with identities of their own; `extended` has contrib and ICU, `postgres18` is of that version, which has to be
   * fetched first (`fetchPostgres18`). Default `staging`.
   */
  on?: 'staging' | 'production' | OtherServer;
  /** Filled once a run under this name, then copied for each who asks: far faster than filling. */
  template?: { name: string; fill: (url: string) => Promise<void> };
}

/** Other programs than the usual ones. */
export type OtherServer = 'extended' | 'postgres18';

/** Creates an empty database, or a copy of a template. Takes about 30 ms. */
export async function createDatabase(options: DatabaseOptions = {}): Promise<TestDatabase> {
  const server = await ask<SharedPostgres>(options.on ?? 'staging');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = openPool(server.url);
  try {
    if (options.template) await fillTemplate(server, admin, options.template);
    await admin.query(`create database ${name} template ${options.template?.name ?? 'template0'}`);
  } finally {
    await admin.end();
  }
  const url = urlOf(server, name);
  const pool = openPool(url);
  return {
    url,
    name,
    server,
    query: async <Row extends QueryResultRow>(sql: string, values?: unknown[]) =>
      (await pool.query<Row>(sql, values)).rows,
    drop: async () => {
      await pool.end();
      const dropper = openPool(server.url);
      await dropper.query(`drop database if exists ${name} with (force)`);
      await dropper.end();
    },
  };
}

/** A Temporal namespace of the test file's own, with the search attributes of rollouts: task queues don't mix. */
export async function createNamespace(): Promise<{ address: string; namespace: string }> {
  const { address } = await ask<SharedTemporal>('temporal');
  const namespace = `test-${randomBytes(6).toString('hex')}`;
  const connection = await Connection.connect({ address });
  try {
    const day = { seconds: 86_400 as never }; // the generated types want a Long, the wire does not
    await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: day });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: customAttributes ?? {} });
  } finally {
    await connection.close();
  }
  return { address, namespace };
}

/**
 * The workflow bundle for `Worker.create({ workflowBundle })`, built once a run.
 *
 * @param workflowsPath absolute; default the folder `workflows/`
 */
export function workflowBundle(workflowsPath = join(__dirname, '../../../workflows')): Promise<{ codePath: string }> {
  return ask('bundle', workflowsPath);
}

async function ask<Facts>(kind: string, argument = ''): Promise<Facts> {
  const url = process.env[SHARED_SERVERS];
  if (!url) throw new Error(`expected ${SHARED_SERVERS} from test/support/runner/global-setup.ts; run this by jest`);
  const answer = await fetch(`${url}/${kind}/${encodeURIComponent(argument)}`);
  if (!answer.ok) throw new Error(`expected the shared server "${kind}", found: ${await answer.text()}`);
  return (await answer.json()) as Facts;
}

async function fillTemplate(
  server: SharedPostgres,
  admin: Pool,
  template: NonNullable<DatabaseOptions['template']>,
): Promise<void> {
  const { name, fill } = template;
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new Error(`expected a plain lower-case template name, found "${name}"`);
  const client = await admin.connect();
  try {
    // Two test processes may want it at once; the second waits and finds it there.
    await client.query('select pg_advisory_lock(hashtext($1))', [name]);
    const there = await client.query('select from pg_database where datname = $1', [name]);
    if (there.rowCount) return;
    const unfinished = `${name}_unfinished`;
    await client.query(`drop database if exists ${unfinished} with (force)`);
    await client.query(`create database ${unfinished} template template0`);
    await fill(urlOf(server, unfinished));
    await client.query(`alter database ${unfinished} rename to ${name}`);
  } finally {
    client.release(true); // with its lock
  }
}

function urlOf(server: SharedPostgres, database: string): string {
  const url = new URL(server.url);
  url.pathname = `/${database}`;
  return url.href;
}

function openPool(url: string): Pool {
  const pool = new Pool({ connectionString: url, max: 3, allowExitOnIdle: true });
  pool.on('error', () => {}); // a dropped database ends idle connections
  return pool;
}
