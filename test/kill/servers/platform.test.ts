import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSampleStage, type SampleStage } from '../../support/stages/sample-stage';
import { until } from '../../support/looks/until';
import { pidsOf } from '../../support/looks/platform-pids';
import { isAlive } from '../../support/servers/processes';

let stage: SampleStage;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sample-platform-'));
  stage = await openSampleStage();
});

afterAll(async () => {
  await stage.close();
  rmSync(folder, { recursive: true });
});

test('a platform goes with a parent that was killed', async () => {
  const settings = {
    databaseUrl: stage.database.url,
    redisUrl: stage.redisUrl,
    logFile: join(folder, 'application.log'),
  };
  const script = `
    const { startSamplePlatform } = require('./dev/sample-platform/process');
    startSamplePlatform(${JSON.stringify({ ...settings, release: 'phase3' })})
      .then((platform) => { process.stdout.write(JSON.stringify(platform)); setInterval(() => {}, 1_000); });`;
  const parent = spawn(process.execPath, ['--require', 'tsx/cjs', '--eval', script], {
    cwd: join(__dirname, '../../..'),
  });
  const text = await new Promise<string>((resolve) => parent.stdout.setEncoding('utf8').once('data', resolve));
  const pids = await pidsOf(JSON.parse(text));
  expect(pids.filter(isAlive)).toEqual(pids);
  parent.kill('SIGKILL');
  await until(() => !pids.some(isAlive));
});
