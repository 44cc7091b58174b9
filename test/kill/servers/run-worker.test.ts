import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from '@temporalio/client';
import type { Role } from '../../../contract/run/names';
import { startWorkerProcess } from '../../../dev/stack/worker-process';
import { workflowBundle } from '../../support/servers/servers';
import { beginStuckRun } from '../../support/stages/stuck-run';
import { openTestTemporal, type TestTemporal } from '../../support/servers/temporal-client';
import { until } from '../../support/looks/until';
import { writeWorkerSettings } from '../../support/inputs/worker-settings';

// Workers in processes of their own, while a run is open that today's code can't go on with.

let at: TestTemporal;
let folder: string;
beforeAll(async () => {
  at = await openTestTemporal();
  folder = mkdtempSync(join(tmpdir(), 'rubicon-worker-'));
  await beginStuckRun(at);
});
afterAll(async () => {
  await at.close();
  rmSync(folder, { recursive: true });
});

async function startProcess(env: Record<string, string>, roles: readonly Role[]) {
  const { address, namespace } = at;
  const connection = at.client.connection as Connection;
  const bundleFile = (await workflowBundle()).codePath;
  return startWorkerProcess({ address, namespace, roles, env, connection, bundleFile });
}

test('a worker starts all the same if its settings say so', async () => {
  const { env } = writeWorkerSettings(folder, (file) => (file['worker'] = { replay: 'warn' }));
  const child = await startProcess(env, ['control']);
  expect(readFileSync(child.logFile, 'utf8')).toContain('cannot replay');
  await child.stop();
});

test('a pinned worker leaves it to the build that began it, and runs what is begun under its own', async () => {
  const deployment = { name: 'rubicon', build: 'build-2' };
  const { env } = writeWorkerSettings(folder, (file) => (file['worker'] = { deployment }));
  const child = await startProcess(env, ['control']);
  try {
    const { namespace } = at;
    const { workflowService } = at.client;
    await until(async () => {
      const set = { namespace, deploymentName: deployment.name, buildId: deployment.build, identity: 'test' };
      return workflowService.setWorkerDeploymentCurrentVersion(set).then(
        () => true,
        () => false,
      );
    }, 20_000);
    const run = at.client.workflow.execute('rollout', { taskQueue: 'rubicon', workflowId: 'pinned', args: [7] });
    await expect(run).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
    const pinned = await at.client.workflow.getHandle('pinned').describe();
    expect(pinned.raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId).toBe('build-2');
  } finally {
    await child.stop();
  }
});
