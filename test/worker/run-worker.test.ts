import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Connection } from '@temporalio/client';
import { roles as everyRole, type Role } from '../../contract/run/names';
import { startWorkerProcess } from '../../dev/stack/worker-process';
import { workflowBundle } from '../support/servers/servers';
import { openTestTemporal, startOpenWorkflow, type TestTemporal } from '../support/servers/temporal-client';
import { until } from '../support/looks/until';
import { secretWord, writeWorkerSettings } from '../support/inputs/worker-settings';

let at: TestTemporal;
let folder: string;
beforeAll(async () => {
  at = await openTestTemporal();
  folder = mkdtempSync(join(tmpdir(), 'rubicon-worker-'));
});
afterAll(async () => {
  await at.close();
  rmSync(folder, { recursive: true });
});

async function startProcess(env: Record<string, string>, roles: readonly Role[] = everyRole) {
  const { address, namespace } = at;
  const connection = at.client.connection as Connection;
  const bundleFile = (await workflowBundle()).codePath;
  return startWorkerProcess({ address, namespace, roles, env, connection, bundleFile });
}

test('a worker serves its roles, logs JSON without secrets, and ends when it is told to', async () => {
  const child = await startProcess(writeWorkerSettings(folder).env);
  try {
    const order = { plan: 'drop-plaintext-api-keys', requestedBy: 'nobody' };
    const run = at.client.workflow.execute('rollout', { taskQueue: 'rubicon', workflowId: 'refused', args: [order] });
    await expect(run).rejects.toMatchObject({
      cause: {
        type: 'InvalidInput',
        message: expect.stringContaining('requestedBy: expected a person, found "nobody"'),
      },
    });
    process.kill(child.pid!, 'SIGTERM');
    await until(() => child.pid === undefined, 20_000);
    const log = readFileSync(child.logFile, 'utf8');
    const lines = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string });
    expect(lines.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(['worker takes tasks', 'worker stops: steps under way have 30 s']),
    );
    expect(log).not.toContain(secretWord);
  } finally {
    await child.stop();
  }
});

describe('with a fail-point armed', () => {
  const armed = () => {
    const file = join(folder, 'armed.json');
    writeFileSync(file, JSON.stringify({ point: 'drop: before commit', fault: 'kill', mark: join(folder, 'mark') }));
    return { RUBICON_FAIL_POINT: file };
  };

  test('a worker refuses to start', async () => {
    const { env } = writeWorkerSettings(folder);
    await expect(startProcess({ ...env, ...armed() }, ['staging'])).rejects.toThrow(
      /ended with 1 instead of starting[\s\S]*expected no fail-point, found that RUBICON_FAIL_POINT arms "drop: before commit" \(kill\); unset it/,
    );
  });

  test('a worker whose settings allow it starts, and says it aloud', async () => {
    const { env } = writeWorkerSettings(folder, (file) => (file['worker'] = { failPoints: 'allow' }));
    const child = await startProcess({ ...env, ...armed() }, ['staging']);
    expect(readFileSync(child.logFile, 'utf8')).toMatch(
      /"level":"warn".*FAIL-POINT: RUBICON_FAIL_POINT arms \\"drop: before commit\\" \(kill\): this worker will fail/,
    );
    await child.stop();
  });
});

describe('with a run that today’s code can’t go on with', () => {
  beforeAll(async () => {
    const connection = await NativeConnection.connect({ address: at.address });
    const bundle = await workflowBundle(join(__dirname, '../support/workflows/waiting-workflows.ts'));
    const { namespace } = at;
    const worker = await Worker.create({ connection, namespace, taskQueue: 'rubicon', workflowBundle: bundle });
    await worker.runUntil(async () => {
      await startOpenWorkflow(at.client, { workflowId: 'stuck', taskQueue: 'rubicon' });
      const handle = at.client.workflow.getHandle('stuck');
      await until(async () => (await handle.describe()).historyLength >= 5);
    });
    await connection.close();
    await until(async () => (await at.temporal.list('WorkflowId = "stuck"', 1)).length === 1, 15_000);
  });

  test('a worker refuses to start, and says which run', async () => {
    await expect(startProcess(writeWorkerSettings(folder).env, ['control'])).rejects.toThrow(
      /ended with 1 instead of starting[\s\S]*found 1 that it cannot replay:\n {2}- stuck: /,
    );
  });

  test('a worker starts all the same if its settings say so', async () => {
    const { env } = writeWorkerSettings(folder, (file) => (file['worker'] = { replay: 'warn' }));
    const child = await startProcess(env, ['control']);
    expect(readFileSync(child.logFile, 'utf8')).toContain('cannot replay');
    await child.stop();
  });

  test('a worker of an environment has nothing to replay', async () => {
    const child = await startProcess(writeWorkerSettings(folder).env, ['staging']);
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
});
