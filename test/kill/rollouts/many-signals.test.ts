import type { WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Facts } from '../../../contract/run/facts';
import { until } from '../../support/looks/until';
import { workflowBundle } from '../../support/servers/servers';
import { openTestTemporal, startOpenWorkflow, type TestTemporal } from '../../support/servers/temporal-client';

// As many signals as a run of Temporal may have, from somebody who may send them: they are refused, and keep nothing from being done.

const most = 9_900;

let at: TestTemporal;
let native: NativeConnection;
let stop: () => Promise<void>;
let handle: WorkflowHandle;
beforeAll(async () => {
  at = await openTestTemporal();
  native = await NativeConnection.connect({ address: at.address });
  const args = [{ plan: 'drop-plaintext-api-keys', requestedBy: 'maria' }];
  const { workflowId } = await startOpenWorkflow(at.client, { taskQueue: 'rubicon', args });
  handle = at.client.workflow.getHandle(workflowId);
  stop = await work();
});
afterAll(async () => {
  await stop();
  await native.close();
  await at.close();
});

async function work(): Promise<() => Promise<void>> {
  const worker = await Worker.create({
    ...{ connection: native, namespace: at.namespace, taskQueue: 'rubicon', workflowBundle: await workflowBundle() },
    reuseV8Context: true,
  });
  const running = worker.run();
  return async () => {
    worker.shutdown();
    await running;
  };
}

/** How long an answer takes, in ms. */
async function timed<T>(ask: () => Promise<T>): Promise<{ ms: number; answer: T }> {
  const startedAt = performance.now();
  const answer = await ask();
  return { ms: performance.now() - startedAt, answer };
}

const status = () => timed(() => handle.query<Facts>('status'));

const noise = async (to: WorkflowHandle, most: number): Promise<void> => {
  for (let sent = 0; sent < most; sent += 100) {
    const hundred = [...Array(100).keys()].map((n) =>
      to.signal(n % 2 === 0 ? 'answer' : `noise-${n}`, { choice: 'retry' }),
    );
    await Promise.all(hundred);
  }
};

jest.setTimeout(300_000);

test('the status answers within 3 s, a decision is answered, and another worker goes on within 30 s', async () => {
  await noise(handle, most);
  const asked = await status();
  expect(asked.ms).toBeLessThan(3_000);
  expect(asked.answer.messages.length).toBe(200);

  const answered = await timed(() => handle.executeUpdate('decide', { args: [{ signal: 'hold', reason: 'noise' }] }));
  expect(answered.answer).toMatchObject({ accepted: true });
  expect(answered.ms).toBeLessThan(3_000);

  await stop();
  const startedAt = performance.now();
  stop = await work();
  expect((await status()).answer.held).toMatchObject({ reason: 'noise' });
  expect(performance.now() - startedAt).toBeLessThan(30_000);
});

test('as many that came while no worker was there are one task: the first worker goes on, and hears the last of them', async () => {
  await stop();
  const args = [{ plan: 'drop-plaintext-api-keys', requestedBy: 'maria' }];
  const { workflowId } = await startOpenWorkflow(at.client, { taskQueue: 'rubicon', args });
  handle = at.client.workflow.getHandle(workflowId);
  await noise(handle, most);
  await handle.signal('hold', { reason: 'after all of them' });
  const startedAt = performance.now();
  stop = await work();
  await until(async () => (await status().catch(() => undefined))?.answer.held !== undefined, 60_000);
  expect(performance.now() - startedAt).toBeLessThan(30_000);
  const { answer } = await status();
  expect(answer.held).toMatchObject({ reason: 'after all of them' });
});
