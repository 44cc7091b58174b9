import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from '@temporalio/client';
import { roles as everyRole, type Role } from '../../contract/run/names';
import { startWorkerProcess } from '../../dev/stack/worker-process';
import { workflowBundle } from '../support/servers/servers';
import { beginStuckRun } from '../support/stages/stuck-run';
import { openTestTemporal, type TestTemporal } from '../support/servers/temporal-client';
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

  test('a worker whose settings allow it starts, and says it aloud; of an environment, it has nothing to replay', async () => {
    await beginStuckRun(at);
    const { env } = writeWorkerSettings(folder, (file) => (file['worker'] = { failPoints: 'allow' }));
    const child = await startProcess({ ...env, ...armed() }, ['staging']);
    expect(readFileSync(child.logFile, 'utf8')).toMatch(
      /"level":"warn".*FAIL-POINT: RUBICON_FAIL_POINT arms \\"drop: before commit\\" \(kill\): this worker will fail/,
    );
    await child.stop();
  });
});

test('with a run that today’s code can’t go on with a worker refuses to start, and says which run', async () => {
  await expect(startProcess(writeWorkerSettings(folder).env, ['control'])).rejects.toThrow(
    /ended with 1 instead of starting[\s\S]*found 1 that it cannot replay:\n {2}- stuck: /,
  );
});
