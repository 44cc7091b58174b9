import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../support/looks/until';

test('a run that is killed leaves neither server nor folder behind', async () => {
  const root = resolve(__dirname, '../..');
  const holder = spawn(process.execPath, ['-r', 'tsx/cjs', join(root, 'test/fuzz/hold-server.ts')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(holder.stdout), 'line')) as [string];
  const folders = JSON.parse(line) as string[];
  const were = folders.map((each) => existsSync(each));
  holder.kill('SIGKILL');
  expect(were).toEqual([true, true, true, true, true]);
  await until(() => !folders.some((each) => existsSync(each)), 30_000); // that of the server goes after it has ended
}, 60_000);
