import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { startChild } from '../../../dev/servers/child';
import { startPostgres } from '../../../dev/servers/postgres-server';
import { startRedis } from '../../../dev/servers/redis-server';
import { startTemporal } from '../../../dev/servers/temporal-server';
import { createThrowAwayFolder } from '../../../dev/servers/throw-away-folder';
import { until } from '../../support/looks/until';
import { isAlive } from '../../support/servers/processes';

/** The process and all that it has started. */
function familyOf(pid: number): number[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const childrenOf = (parent: number): number[] =>
    pairs.filter(([, ppid]) => ppid === parent).flatMap(([child = 0]) => [child, ...childrenOf(child)]);
  return [pid, ...childrenOf(pid)];
}

const starts = { PostgreSQL: startPostgres, Redis: startRedis, Temporal: () => startTemporal({ ui: false }) };

describe.each(Object.entries(starts))('%s', (_name, start) => {
  test('is gone with its children and its folder after stop, and can be stopped twice', async () => {
    const server = await start();
    const family = familyOf(server.pid ?? 0);
    await server.stop();
    await server.stop();
    await until(() => !family.some(isAlive));
    expect(existsSync(dirname(server.logFile))).toBe(false);
  });

  test('comes back on the same port after it was killed', async () => {
    const server = await start();
    const first = server.pid;
    await server.kill();
    expect(server.pid).toBeUndefined();
    await server.restart();
    expect(server.pid).not.toBe(first);
    await server.stop();
  });
});

test.each(['SIGKILL', 'SIGINT'] as const)('no server outlives our process, ended by %s', async (signal) => {
  const root = resolve(__dirname, '../../..');
  const holder = spawn(process.execPath, ['-r', 'tsx/cjs', join(root, 'test/support/servers/hold-servers.ts')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(holder.stdout), 'line')) as [string];
  const servers = JSON.parse(line) as { pid: number; logFile: string }[];
  const processes = [...familyOf(holder.pid ?? 0), ...servers.flatMap(({ pid }) => familyOf(pid))];
  expect(processes.length).toBeGreaterThan(9); // PostgreSQL alone has five children, and each server its watchdog
  holder.kill(signal);
  await until(() => !processes.some(isAlive), 15_000);
  await until(() => !servers.some(({ logFile }) => existsSync(dirname(logFile))));
});

test('PostgreSQL keeps its rows and its identity when it crashes', async () => {
  const server = await startPostgres({ settings: { 'rubicon.marker': "it's ours" } });
  const ask = async (sql: string) => {
    const client = new Client({ connectionString: server.url });
    await client.connect();
    try {
      return (await client.query<{ found: string }>(sql)).rows[0]?.found;
    } finally {
      await client.end();
    }
  };
  const identity = 'select system_identifier::text as found from pg_control_system()';
  const before = await ask(identity);
  await ask(`create table kept as select 'a row' as found`);
  await server.kill();
  await server.restart();
  expect(await ask('select found from kept')).toBe('a row');
  expect(await ask(identity)).toBe(before);
  expect(await ask(`select current_setting('rubicon.marker') as found`)).toBe("it's ours");
  await server.stop();
});

test('no password is among the arguments of a server', async () => {
  const servers = [await startPostgres(), await startRedis()];
  for (const { pid, password } of servers) {
    for (const one of familyOf(pid ?? 0)) {
      expect(execFileSync('ps', ['-o', 'args=', '-p', String(one)], { encoding: 'utf8' })).not.toContain(password);
    }
  }
  await Promise.all(servers.map((server) => server.stop()));
});

test('a server that does not start is told with the end of its log, and leaves no folder', async () => {
  const folder = createThrowAwayFolder('child-test');
  const spec = { name: 'Sleeper', folder, isReady: () => Promise.reject(new Error('not yet')) };
  const args = ['-c', 'echo no bed to sleep in; exit 3'];
  await expect(startChild({ ...spec, program: '/bin/sh', args })).rejects.toThrow(
    'Sleeper ended with 3 instead of starting\nno bed to sleep in',
  );
  expect(existsSync(folder)).toBe(false);
});

test('a program that is not there is told', async () => {
  const folder = createThrowAwayFolder('child-test');
  const starting = startChild({
    name: 'Ghost',
    folder,
    program: '/nowhere',
    args: [],
    isReady: () => Promise.reject(new Error()),
  });
  await expect(starting).rejects.toThrow('Ghost ended with no such program instead of starting');
});
