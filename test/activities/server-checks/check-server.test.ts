import { randomBytes } from 'node:crypto';
import { chownSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { createCheckServer } from '../../../activities/server-checks/check-server';
import type { Environment } from '../../../activities/environment/environment';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { withTransaction } from '../../../adapters/postgres/transaction';
import { obstacles, type Finding } from '../../../contract/run/findings';
import type { PostgresServer } from '../../../dev/servers/postgres-server';
import { databaseUser } from '../../../dev/servers/programs';
import { createSampleSchema } from '../../../dev/sample-data/schema';
import { furtherRights, installStatements } from '../../../sql/install';
import { openRollout, turnDropped } from '../../../sql/state';
import { firstPlan, newRun } from '../../support/stages/sample-environment';
import { startPostgres } from '../../support/servers/servers';
import { startTransactionPooler } from '../../support/servers/transaction-pooler';

// A server of its own: this file looks at its sessions, makes roles, and ends as a standby.
let server: PostgresServer;
let admin: Client;
const { plan } = firstPlan();
const target = 'agent-api';
const password = randomBytes(12).toString('hex');

beforeAll(async () => {
  server = await startPostgres({ settings: { max_prepared_transactions: 5 } });
  admin = new Client({ connectionString: server.url });
  admin.on('error', () => undefined);
  await admin.connect();
  await admin.query('create database agents');
  await createSampleSchema(server.urlOf({ database: 'agents' }));
  await inAgents(installStatements({ environment: 'production', target }).map(({ sql }) => sql));
  await admin.query(`create role worker login password '${password}'`);
});
afterAll(async () => {
  await admin.end().catch(() => undefined);
  await server.stop();
});

async function inAgents(statements: string[]): Promise<void> {
  const client = new Client({ connectionString: server.urlOf({ database: 'agents' }) });
  await client.connect();
  try {
    for (const sql of statements) await client.query(sql);
  } finally {
    await client.end();
  }
}

const environmentAt = (postgresUrl: string, change: Partial<Environment> = {}): Environment => ({
  ...{ target, name: 'production' as const, postgresUrl, backupFolder: '/nowhere' },
  application: { url: '', health: { path: '', release: '' }, probeKey: '', actions: {}, releaseChecks: [] },
  ...change,
});

const check = (
  { url = server.urlOf({ database: 'agents' }), ...change }: Partial<Environment> & { url?: string } = {},
  input: object = {},
) =>
  createCheckServer({ environment: () => environmentAt(url, change) })({
    ...{ target, removes: plan.removes, longTransaction: '1 minute' },
    ...(plan.revision && { revision: plan.revision }),
    ...input,
  });

const lines = (findings: Finding[]) =>
  obstacles(findings).map((each) => `${each.check}: ${each.status}: ${each.found}`);

const rightsFailed = [
  ...['assistants', 'sessions'].flatMap((table) => [
    `right to alter public.${table}: failed: no member`,
    `right to make indexes of public.${table} again: failed: not granted`,
  ]),
  'right to set the revision: failed: not both',
];

test('an application that could migrate by itself is named; one that could not, is not', async () => {
  const found = async () => (await check()).findings.find((each) => each.check === 'who else migrates');
  await expect(found()).resolves.toMatchObject({ status: 'passed', found: 'none' });
  await admin.query(`create role agents_app login password '${password}'`);
  const url = new URL(server.urlOf({ database: 'agents' }));
  [url.username, url.password] = ['agents_app', password];
  const application = new Client({ connectionString: url.href, application_name: 'agent-api phase3' });
  await application.connect();
  await inAgents(['grant select, update on alembic_version to agents_app']);
  await expect(found()).resolves.toMatchObject({ status: 'passed' }); // it may not alter the tables
  await admin.query(`grant "${decodeURIComponent(new URL(server.url).username)}" to agents_app`);
  await expect(found()).resolves.toMatchObject({
    ...{ status: 'not covered', found: 'agents_app (agent-api phase3)' },
    remedy: expect.stringMatching(/^look whether an entry point or a pipeline of the new release migrates by itself/),
  });
  await application.end();
});

test('a server that is as it should be is passed, and nothing of it is changed', async () => {
  const { findings, identity, carriesChange } = await check();
  expect(lines(findings)).toEqual([]);
  expect(findings.map((each) => each.check)).toEqual([
    ...[
      'marker',
      'server identity',
      'primary',
      'server version',
      'server clock',
      'connection',
      'revision',
      'who else migrates',
    ],
    ...['long transactions', 'prepared transactions', 'write-ahead log', 'role of the worker'],
    ...['assistants', 'sessions'].flatMap((table) => [
      ...[`right to alter public.${table}`, `right to make indexes of public.${table} again`],
    ]),
    ...['right to set the revision', 'right to keep state', 'right to freeze', 'right to set a write guard'],
    ...['right to make temporary tables', 'right to read what is dumped', 'right to set limits'],
    ...['transactions of the worker', 'triggers in sessions of the worker', 'names in sessions of the worker'],
    ...['sessions of the worker', "statements in the server's log", 'libraries of the server'],
  ]);
  expect(identity).toEqual({
    systemIdentifier: expect.stringMatching(/^\d{19}$/),
    ...{
      database: 'agents',
      databaseOid: expect.any(Number),
      timeline: 1,
      version: expect.stringMatching(/^1\d\.\d+/),
    },
  });
  expect(carriesChange).toBe(false);
});

test('a schema that an earlier version has installed is named with what it lacks', async () => {
  await inAgents(['alter table rubicon.gate rename to gate_of_later']);
  try {
    const { findings } = await check();
    expect(lines(findings)).toEqual([
      'marker: failed: a schema "rubicon" without gate, of an earlier version',
      'right to keep state: failed: not all of them',
    ]);
  } finally {
    await inAgents(['alter table rubicon.gate_of_later rename to gate']);
  }
});

test('another environment, another target and a database that nobody has prepared are named', async () => {
  const staging = await check({ name: 'staging' });
  expect(lines(staging.findings)).toEqual(['marker: failed: a marker of production of agent-api']);
  const other = await check({ target: 'billing' });
  expect(lines(other.findings)).toEqual(['marker: failed: a marker of production of agent-api']);
  const { findings } = await check({ url: server.url });
  expect(lines(findings)).toEqual([
    'marker: failed: rubicon.identity: no such table',
    'revision: failed: alembic_version: no such table',
    ...rightsFailed,
    ...['right to keep state: failed: not all of them', 'right to freeze: failed: no such function'],
    'right to set a write guard: failed: no such function',
  ]);
  expect(findings.find((each) => each.check === 'marker')?.remedy).toMatch(/"npx rubicon doctor --install-sql"/);
});

test('exactly the old revision, or the new one by a rollout of ours', async () => {
  const setRevision = (text: string) => inAgents([`update alembic_version set version_num = '${text}'`]);
  const { revision = { from: '', to: '' } } = plan;

  await setRevision('20260131_000005');
  expect(lines((await check()).findings)).toEqual(['revision: failed: 20260131_000005']);
  await inAgents([`insert into alembic_version values ('20260201_000006')`]);
  expect(lines((await check()).findings)).toEqual(['revision: failed: 20260131_000005, 20260201_000006']);
  await inAgents([`delete from alembic_version where version_num = '20260201_000006'`]);

  await setRevision(revision.to);
  const [halfWay] = obstacles((await check()).findings);
  expect(halfWay).toMatchObject({ check: 'revision', remedy: expect.stringMatching(/^the columns are present/) });

  const drops = ['sessions', 'assistants'].map((table) => `alter table ${table} drop column owner_api_key`);
  await inAgents(drops);
  const foreign = await check();
  expect(foreign.carriesChange).toBe(false);
  expect(obstacles(foreign.findings)).toEqual([
    expect.objectContaining({
      ...{
        check: 'revision',
        status: 'failed',
        expected: `${revision.from}, or ${revision.to} by a rollout of Rubicon`,
      },
      ...{
        found: `${revision.to}, not by a rollout of Rubicon`,
        remedy: expect.stringMatching(/^someone else applied it/),
      },
    }),
  ]);
  const withoutRevision = await check({}, { revision: undefined });
  expect(lines(withoutRevision.findings)).toEqual(['what is removed: failed: dropped']);

  const agents = new Client({ connectionString: server.urlOf({ database: 'agents' }) });
  await agents.connect();
  const { workflowId, firstRun } = newRun();
  await agents.query(openRollout, [workflowId, firstRun, target, 'digest', 'policy', ['maria']]);
  expect(lines((await check()).findings)).toEqual([`revision: failed: ${revision.to}, not by a rollout of Rubicon`]);
  await agents.query(turnDropped, [workflowId, firstRun, 'digest']);
  await agents.end();
  const ours = await check();
  expect(lines(ours.findings)).toEqual([]);
  expect(ours.carriesChange).toBe(true);
  expect((await check({}, { revision: undefined })).carriesChange).toBe(true);

  await inAgents([
    'alter table sessions add column owner_api_key varchar(255)',
    'alter table assistants add column owner_api_key varchar(256)',
    'delete from rubicon.rollout',
  ]);
  await setRevision(revision.from);
});

test('who is in a long transaction is named, what they asked is not; prepared ones are found', async () => {
  const other = openPostgres({ url: server.urlOf({ database: 'agents' }), applicationName: 'a long report' });
  await other.withClient((client) =>
    withTransaction(client, {}, async () => {
      await client.query(`select 'a secret value', count(*) from sessions`);
      const { findings } = await check({}, { longTransaction: '0 s' });
      expect(lines(findings)).toEqual([
        expect.stringMatching(
          new RegExp(
            `^long transactions: failed: pid ${client.announcedPid} of postgres \\(a long report\\) for \\d+ ms$`,
          ),
        ),
      ]);
      expect(JSON.stringify(findings)).not.toContain('secret');
    }),
  );
  await other.close();
  await inAgents(['begin', 'lock table sessions in access share mode', `prepare transaction 'forgotten'`]);
  const { findings } = await check({}, { longTransaction: '0 s' });
  expect(lines(findings)).toEqual([expect.stringMatching(/^prepared transactions: failed: 1, the oldest \d+ ms$/)]);
  await inAgents([`rollback prepared 'forgotten'`]);
});

test('each right that is missing is named with the statement that gives it, and with them all is passed', async () => {
  const url = server.urlOf({ database: 'agents', user: 'worker', password });
  const seen = new Client({ connectionString: server.urlOf({ database: 'agents' }) });
  await seen.connect(); // a session of somebody else, so that there is one to be hidden
  const { findings, identity } = await check({ url });
  expect(identity).toMatchObject({ timeline: 1 });
  expect(lines(findings)).toEqual([
    'marker: failed: rubicon.identity: no right to read it',
    ...['revision: unknown: alembic_version: no right to read it'],
    expect.stringMatching(/^long transactions: unknown: \d+ sessions that this role may not see$/),
    ...rightsFailed,
    ...['right to keep state: failed: not all of them', 'right to freeze: failed: not both'],
    'right to set a write guard: failed: not both',
    'right to read what is dumped: failed: not on alembic_version, assistants, rubicon.challenge, rubicon.dropped, rubicon.gate and 11 more',
  ]);
  await seen.end();
  const limits = findings.find((each) => each.check === 'right to set limits');
  expect(limits).toMatchObject({
    status: 'not covered',
    remedy: expect.stringMatching(/^"grant set on parameter .* to \w+"/),
  });

  // What doctor prints, carried out.
  expect(furtherRights).toContain('grant set on parameter deadlock_timeout, session_replication_role to <role>');
  await admin.query('create role owner_of_agents');
  await inAgents([
    ...installStatements({ environment: 'production', target, role: 'worker' }).map(({ sql }) => sql),
    ...['sessions', 'assistants', 'alembic_version'].map((table) => `alter table ${table} owner to owner_of_agents`),
    'grant create, usage on schema public to owner_of_agents',
    'grant owner_of_agents to worker',
    ...['grant pg_read_all_stats to worker', 'grant pg_read_all_data to worker'],
    'grant set on parameter deadlock_timeout, session_replication_role to worker',
  ]);
  const allowed = await check({ url });
  expect(lines(allowed.findings)).toEqual([]);
  const told = allowed.findings.filter(({ status }) => status !== 'passed').map((each) => each.check);
  expect(told).toEqual(['libraries of the server']); // what only pg_read_all_settings shows
});

test('a transaction pooler is named', async () => {
  const pooler = await startTransactionPooler(server);
  const url = new URL(server.urlOf({ database: 'agents' }));
  url.port = String(pooler.port);
  const { findings } = await check({ url: url.href });
  pooler.stop();
  expect(lines(findings)).toContain('connection: failed: a pooler (transaction)');
});

test('last of all: a standby is named', async () => {
  await admin.end();
  await server.kill();
  const signal = path.join(server.dataFolder, 'standby.signal');
  writeFileSync(signal, '');
  const { uid, gid } = databaseUser();
  if (uid !== undefined && gid !== undefined) chownSync(signal, uid, gid);
  await server.restart();
  expect(lines((await check()).findings)).toEqual(['primary: failed: a standby']);
});
