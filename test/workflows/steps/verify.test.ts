import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { workflowBundle } from '../../support/servers/servers';
import { openTestTemporal, type TestTemporal } from '../../support/servers/temporal-client';

jest.setTimeout(60_000);

let at: TestTemporal;
let native: NativeConnection;
beforeAll(async () => {
  at = await openTestTemporal();
  native = await NativeConnection.connect({ address: at.address });
});
afterAll(async () => {
  await native.close();
  await at.close();
});

const refused = (what: string) => () => Promise.reject(ApplicationFailure.nonRetryable(`${what} failed`, 'WrongState'));
let answerLate: (() => void) | undefined;
const late = (): Promise<never[]> => new Promise((resolve) => (answerLate = () => resolve([])));

// Two looks at the same time, after the drop: the run must ask a person, not stand still, whichever of them fails first.
test.each([
  ['cache', { proveNothingStale: refused('cache'), verifyDropped: late }],
  ['schema', { proveNothingStale: late, verifyDropped: refused('schema') }],
  ['cache|schema', { proveNothingStale: refused('cache'), verifyDropped: refused('schema') }],
])('what fails first, while the other look is under way, is the failure of the step: %s', async (first, activities) => {
  const bundle = await workflowBundle(join(__dirname, '../../support/workflows/verify-workflow.ts'));
  const common = { connection: native, namespace: at.namespace };
  const workers = await Promise.all([
    Worker.create({ ...common, taskQueue: 'rubicon', workflowBundle: bundle }),
    Worker.create({ ...common, taskQueue: 'rubicon-staging', activities }),
  ]);
  const running = workers.map((worker) => worker.run());
  const handle = await at.client.workflow.start('verifyOnce', {
    ...{ workflowId: `verify-${first.length}`, taskQueue: 'rubicon', workflowTaskTimeout: '5 s' },
    args: [{ plan: { removes: [] }, planDigest: 'd', target: 'agent-api' }],
    workflowExecutionTimeout: '30 s', // a task that fails is tried again for as long as this
  });
  const result = await handle.result().catch((error: Error) => `${error.message}: the run stood still`);
  answerLate?.();
  workers.forEach((worker) => worker.shutdown());
  await Promise.allSettled(running);

  expect(result).toMatch(new RegExp(`^(${first}) failed`));
});
