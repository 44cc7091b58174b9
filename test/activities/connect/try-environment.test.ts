import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { tryEnvironment } from '../../../activities/connect/try-environment';
import type { Environment } from '../../../activities/environment/environment';
import { obstacles, type Finding } from '../../../contract/run/findings';
import { findFreePorts } from '../../../dev/servers/free-port';
import { openSampleServer, type SampleServer } from '../../../dev/sample-application/server';
import { makeLeastRole } from '../../support/stages/least-role';
import { openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';
import { createDatabase, startRedis, type RedisServer } from '../../support/servers/servers';

let stage: SampleEnvironment;
let redis: RedisServer;
let application: SampleServer;
let blackHole: Server;
let folder: string;
/** Nobody listens there. */
let closed: number;
let environment: Environment;
const ran = (): string => path.join(folder, 'ran');

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'rubicon-test-connect-'));
  [stage, redis] = await Promise.all([openSampleEnvironment('staging'), startRedis()]);
  const { url } = await makeLeastRole(stage);
  application = await openSampleServer({
    ...{ release: 'phase2', databaseUrl: stage.database.url, redisUrl: redis.url, port: 0 },
    write: () => undefined,
  });
  blackHole = createServer((socket) => socket.on('error', () => undefined).resume()); // takes connections, and never says a word
  [closed = 0] = await findFreePorts(1);
  await new Promise<void>((resolve) => blackHole.listen(0, '127.0.0.1', resolve));
  const deploy = path.join(folder, 'deploy');
  writeFileSync(deploy, `#!/bin/sh\ntouch ${ran()}\n`);
  chmodSync(deploy, 0o755);
  writeFileSync(logFile(), line(new Date()));
  environment = {
    ...stage.environment,
    postgresUrl: url,
    redisUrl: redis.url,
    identityFolder: path.join(folder, 'identities'),
    application: {
      ...stage.environment.application,
      url: `http://127.0.0.1:${application.port}`,
      logFile: logFile(),
      actions: {
        deploy: { action: { command: [deploy, '$release'] }, check: { command: [deploy] }, limitMs: 1_000 },
        maintenance: { action: { post: `http://127.0.0.1:${application.port}/on?key=planted-in-address` }, limitMs: 1 },
      },
      releaseChecks: [{ name: 'types', command: ['node', '--version'] }],
    },
  };
});
afterAll(async () => {
  await application.close();
  await redis.stop();
  blackHole.close();
  await stage.close();
  rmSync(folder, { recursive: true });
});

const logFile = (): string => path.join(folder, 'application.log');
const line = (at: Date): string => `${JSON.stringify({ event: 'request', timestamp: at.toISOString() })}\n`;

/** By part and check: status, and what was found. */
async function tryIt(changed: Partial<Environment> = {}, limitMs?: number) {
  const parts = await tryEnvironment({ ...environment, ...changed }, limitMs);
  const all = parts.flatMap(({ part, findings }) => findings.map((each) => ({ part, ...each })));
  const find = (part: string, check: string): Finding =>
    all.find((each) => each.part === part && each.check === check) ??
    (() => {
      throw new Error(
        `expected ${part}: ${check}, found ${all.map((each) => `${each.part}: ${each.check}`).join(', ')}`,
      );
    })();
  return { parts, all, find };
}

const withApplication = (changed: Partial<Environment['application']>): Partial<Environment> => ({
  application: { ...environment.application, ...changed },
});

test('what is as it should be: nothing is in the way, each part says what it has found', async () => {
  const { all, find, parts } = await tryIt();
  expect(obstacles(all)).toEqual([]);
  expect(parts.map(({ part }) => part)).toEqual('database,Redis,log,application,actions,programs,backups'.split(','));
  expect(find('database', 'database').found).toMatch(/^"\w+" as worker_\w+, PostgreSQL 16/);
  expect(find('database', 'marker').found).toBe('a marker of staging of agent-api');
  expect(find('database', 'encoding').found).toBe('UTF8');
  expect(find('Redis', 'connection').found).toMatch(/^127\.0\.0\.1:\d+, database 0, 0 keys$/);
  expect(find('log', 'format').found).toBe('1 of the last 1 line');
  expect(find('application', 'health').found).toBe('status 200, release "phase2"');
  expect(find('actions', 'deploy').found).toBe(path.join(folder, 'deploy'));
  expect(find('actions', 'maintenance').found).toBe(`127.0.0.1:${application.port}`);
  expect(find('actions', 'release check types').status).toBe('passed');
  expect(find('programs', 'client programs').found).toMatch(/^16\.\d+, \//);
  expect(find('backups', 'disk space for backups').status).toBe('passed');
});

test('it changes nothing, runs no action, and leaves nothing', async () => {
  const client = new Redis(redis.url);
  const seen = async (): Promise<object> => ({
    tables: await stage.database.query('select relname, relkind, relacl from pg_class order by 1, 2'),
    state: await stage.database.query('select * from rubicon.rollout'),
    // Other test files lock in their databases of the same server.
    locks: await stage.database.query(
      `select l.pid from pg_locks l join pg_database d on d.oid = l.database
        where d.datname = current_database() and l.pid <> pg_backend_pid() and l.locktype = 'advisory'`,
    ),
    keys: await client.dbsize(),
    log: statSync(logFile()).size,
  });
  const before = await seen();
  await tryIt({ backupFolder: path.join(folder, 'not-yet', 'backups') });
  expect(await seen()).toEqual(before);
  expect(() => statSync(ran())).toThrow('ENOENT');
  expect(() => statSync(path.join(folder, 'not-yet'))).toThrow('ENOENT');
  client.disconnect();
});

test('everything that is wrong is told at once, with what to do, and no secret', async () => {
  const wrongRole = new URL(environment.postgresUrl);
  wrongRole.pathname = '/nowhere';
  writeFileSync(path.join(folder, 'plain'), 'not executable, no folder, and no JSON\n');
  mkdirSync(path.join(folder, 'tools'));
  const plain = path.join(folder, 'plain');
  const { all, find } = await tryIt({
    postgresUrl: wrongRole.href,
    redisUrl: `redis://user:planted-for-redis@127.0.0.1:${closed}/0`,
    toolsFolder: path.join(folder, 'tools'),
    backupFolder: plain,
    ...withApplication({
      url: `http://127.0.0.1:${closed}`,
      logFile: plain,
      actions: {
        deploy: { action: { command: [plain] }, check: { command: ['no-such-program'] }, limitMs: 1 },
        maintenance: { action: { post: `http://127.0.0.1:${closed}/planted-in-address` }, limitMs: 1 },
      },
      releaseChecks: [{ name: 'types', command: [path.join(folder, 'tools')] }],
    }),
  });
  const wrong: [string, string, string, RegExp][] = [
    ['database', 'connection', 'failed', /database "nowhere" does not exist \(SQLSTATE 3D000\)/],
    ['Redis', 'connection', 'unknown', /^Redis at 127\.0\.0\.1:\d+: .*ECONNREFUSED/],
    ['log', 'format', 'failed', /^0 of the last 1 line$/],
    ['log', 'last entry', 'unknown', /^no line that says when$/],
    ['application', 'URL', 'unknown', /^none from http:\/\/127\.0\.0\.1:\d+ \(.*ECONNREFUSED/],
    ['actions', 'deploy', 'failed', /plain: not executable by this user$/],
    ['actions', 'check of deploy', 'failed', /^no-such-program: in no folder of PATH$/],
    ['actions', 'maintenance', 'unknown', /^127\.0\.0\.1:\d+: .*ECONNREFUSED/],
    ['actions', 'release check types', 'failed', /tools: not a file$/],
    ['programs', 'client programs', 'failed', /tools: pg_dump not found$/],
    ['backups', 'folder', 'failed', /^no folder at .*plain$/],
    ['backups', 'disk space for backups', 'unknown', /how much is backed up is not known$/],
  ];
  for (const [part, check, status, found] of wrong) {
    const seen = find(part, check);
    expect({ part, check, status: seen.status }).toEqual({ part, check, status });
    expect(seen.found).toMatch(found);
  }
  for (const each of obstacles(all)) expect(each.remedy).toMatch(/\w{3}/);
  expect(JSON.stringify(all)).not.toMatch(/planted/);
});

test('a host that takes connections and never answers holds nobody up, and is unknown', async () => {
  const { port } = blackHole.address() as AddressInfo;
  const startedAt = performance.now();
  const { find } = await tryIt(
    {
      postgresUrl: `postgres://user:planted@127.0.0.1:${port}/x`,
      redisUrl: `redis://127.0.0.1:${port}`,
      ...withApplication({ url: `http://127.0.0.1:${port}` }),
    },
    1_500,
  );
  expect(performance.now() - startedAt).toBeLessThan(8_000);
  for (const part of ['database', 'Redis', 'application'])
    expect(find(part, part)).toMatchObject({ status: 'unknown', found: 'none', expected: 'an answer within 1.5 s' });
  expect(find('programs', 'client programs').status).toBe('unknown');
  expect(find('log', 'format').status).toBe('passed');
});

test('another database, a superuser, a role that only reads: each is told for what it is', async () => {
  await stage.database.query(`update rubicon.identity set environment = 'production'`);
  await stage.database.query(`alter database ${stage.database.name} set default_transaction_read_only = on`);
  try {
    const { find } = await tryIt({ postgresUrl: stage.database.url, superuser: 'block' });
    expect(find('database', 'marker')).toMatchObject({
      status: 'failed',
      found: 'a marker of production of agent-api',
      remedy: expect.stringContaining('the settings of staging lead to another database'),
    });
    expect(find('database', 'role of the worker')).toMatchObject({
      status: 'failed',
      found: expect.stringContaining('superuser'),
    });
    expect(find('database', 'transactions of the worker').status).toBe('failed');
  } finally {
    await stage.database.query('set default_transaction_read_only = off');
    await stage.database.query(`alter database ${stage.database.name} reset default_transaction_read_only`);
    await stage.database.query(`update rubicon.identity set environment = 'staging'`);
  }
});

test('before the installation: what lacks is named, with the word that helps', async () => {
  const bare = await createDatabase();
  const { find } = await tryIt({ postgresUrl: bare.url });
  expect(find('database', 'marker')).toMatchObject({
    status: 'failed',
    found: 'rubicon.identity: no such table',
    remedy: expect.stringContaining('rubicon doctor --install-sql'),
  });
  expect(find('database', 'right to keep state').status).toBe('failed');
  await bare.drop();
});

test.each<[string, string, string, string]>([
  ['is not there', '', 'file', 'failed'],
  ['is empty', 'empty', 'format', 'unknown'],
  ['has been silent for an hour', line(new Date(Date.now() - 3_600_000)), 'last entry', 'unknown'],
  ['is of a clock that is ahead', line(new Date(Date.now() + 3_600_000)), 'last entry', 'failed'],
])('a log that %s', async (_, text, check, status) => {
  const file = path.join(folder, `log-${check}-${status}`);
  if (text !== '') writeFileSync(file, text === 'empty' ? '' : text);
  const { find } = await tryIt(withApplication({ logFile: file }));
  expect(find('log', check)).toMatchObject({ status, remedy: expect.stringMatching(/\w{3}/) });
});

test('what the settings do not have is not covered, and stops nobody', async () => {
  const { redisUrl: _redis, ...rest } = environment;
  const { health: _health, logFile: _log, ...bare } = environment.application;
  const parts = await tryEnvironment({ ...rest, application: { ...bare, actions: {}, releaseChecks: [] } });
  const findings = parts.flatMap((each) => each.findings);
  expect(obstacles(findings)).toEqual([]);
  for (const part of ['Redis', 'log', 'actions'])
    expect(parts.find((each) => each.part === part)?.findings).toMatchObject([{ status: 'not covered' }]);
});
