import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { armedFailPoint, failPoint, failPoints, failPointVariable } from '../../../adapters/programs/fail-point';
import { isStopped } from '../../support/servers/processes';
import { until } from '../../support/looks/until';

const root = path.join(__dirname, '../../..');
let folder: string;
let mark: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rubicon-fail-point-'));
  mark = path.join(folder, 'mark');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A process that comes by two points, the second one twice, and says so. */
function start(armed: unknown): { child: ChildProcess; said: () => string; ended: Promise<NodeJS.Signals | number> } {
  const file = path.join(folder, 'armed.json');
  writeFileSync(file, typeof armed === 'string' ? armed : JSON.stringify(armed));
  const code = `const { failPoint } = require('./adapters/programs/fail-point');
    (async () => {
      for (const point of ['drop: before', 'drop: after', 'drop: after']) {
        await failPoint(point);
        process.stdout.write(point + ', ');
      }
    })();`;
  const child = spawn(process.execPath, ['-r', 'tsx/cjs', '-e', code], {
    cwd: root,
    env: { PATH: process.env['PATH'], [failPointVariable]: file },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<NodeJS.Signals | number>((resolve) => {
    child.once('close', (exitCode, signal) => resolve(signal ?? exitCode ?? -1));
  });
  return { child, said: () => said, ended };
}

const all = 'drop: before, drop: after, drop: after, ';

test('where nothing is armed nothing happens', async () => {
  expect(armedFailPoint()).toBeUndefined();
  await Promise.all(failPoints.map(failPoint));
  expect(new Set(failPoints).size).toBe(failPoints.length);
});

test('kill: it ends there, and has left its mark', async () => {
  const { said, ended } = start({ point: 'drop: after', fault: 'kill', mark });
  await expect(ended).resolves.toBe('SIGKILL');
  expect(said()).toBe('drop: before, ');
  expect(readFileSync(mark, 'utf8')).toMatch(/^\d+\n$/);
});

test('freeze: it stands still until SIGCONT, once', async () => {
  const { child, said, ended } = start({ point: 'drop: before', fault: 'freeze', mark });
  await until(() => existsSync(mark), 20_000);
  await until(() => isStopped(child.pid ?? 0));
  expect(said()).toBe('');
  child.kill('SIGCONT');
  await expect(ended).resolves.toBe(0);
  expect(said()).toBe(all);
});

test('wait: it goes on once the mark is gone', async () => {
  const { said, ended } = start({ point: 'drop: after', fault: 'wait', mark });
  await until(() => existsSync(mark) && said() === 'drop: before, ', 20_000);
  rmSync(mark);
  await expect(ended).resolves.toBe(0);
  expect(said()).toBe(all);
});

test('a point that another process is armed for is passed', async () => {
  const { said, ended } = start({ point: 'hide: inside', fault: 'kill', mark });
  await expect(ended).resolves.toBe(0);
  expect(said()).toBe(all);
  expect(existsSync(mark)).toBe(false);
});

test.each([
  ['no JSON', 'drop', /found .*JSON/],
  ['no such point', { point: 'drop: sometimes', fault: 'kill', mark: 'm' }, /found point "drop: sometimes"/],
  ['no such fault', { point: 'drop: after', fault: 'explode', mark: 'm' }, /found fault "explode"/],
  ['no mark', { point: 'drop: after', fault: 'kill' }, /found no mark/],
])('%s: it is said what is expected', async (_, armed, message) => {
  const { said, ended } = start(armed);
  await expect(ended).resolves.toBe(1);
  expect(said()).toMatch(/expected \{ "point", "fault", "mark" \} as JSON in the file that RUBICON_FAIL_POINT names/);
  expect(said()).toMatch(message);
});
