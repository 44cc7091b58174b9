import { join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import { checkReplay, replayMessage } from '../../../worker/temporal/check-replay';
import { workflowBundle } from '../../support/servers/servers';
import { openTestTemporal, startOpenWorkflow, type TestTemporal } from '../../support/servers/temporal-client';
import { until } from '../../support/looks/until';

let at: TestTemporal;
let same: { codePath: string };
let changed: { codePath: string };
const ids = ['agent-api/drop-it/1', 'agent-api/drop-it/2', 'agent-api/drop-it/3'];

beforeAll(async () => {
  at = await openTestTemporal();
  same = await workflowBundle(join(__dirname, '../../support/workflows/waiting-workflows.ts'));
  changed = await workflowBundle(join(__dirname, '../../support/workflows/changed-workflows.ts'));
  const connection = await NativeConnection.connect({ address: at.address });
  const { namespace } = at;
  const worker = await Worker.create({ connection, namespace, taskQueue: 'rubicon', workflowBundle: same });
  await worker.runUntil(async () => {
    for (const workflowId of ids) await startOpenWorkflow(at.client, { workflowId, taskQueue: 'rubicon' });
    await startOpenWorkflow(at.client, { taskQueue: 'of another product' });
    const handles = ids.map((id) => at.client.workflow.getHandle(id));
    const lengths = () => Promise.all(handles.map(async (handle) => (await handle.describe()).historyLength));
    await until(async () => (await lengths()).every((length) => length >= 5));
    await at.client.workflow.start('targetLock', { taskQueue: 'rubicon', workflowId: 'lock', args: [{ run: {} }] });
  });
  await connection.close();
  await until(async () => (await at.temporal.list('TaskQueue = "rubicon"', 9)).length === 4, 15_000);
});
afterAll(() => at.close());

test('code that can continue every open run passes, also for runs that have not begun', async () => {
  expect(await checkReplay(at.client, same)).toEqual({ checked: 4, failed: [], left: false });
});

test('code that can’t is told by run', async () => {
  const facts = await checkReplay(at.client, changed);
  expect(facts.checked).toBe(4);
  expect(facts.failed.map(({ workflowId }) => workflowId).sort()).toEqual(ids);
  expect(replayMessage(facts)).toMatch(
    /^expected this worker's code to continue every open run, found 3 that it cannot replay:\n {2}- agent-api\/drop-it\/\d: .*ondeterminism/,
  );
});

test('more runs than the bound are told, not waited for', async () => {
  expect(await checkReplay(at.client, same, { maxRuns: 2, maxMs: 60_000 })).toEqual({
    checked: 2,
    failed: [],
    left: true,
  });
  expect(await checkReplay(at.client, same, { maxRuns: 9, maxMs: -1 })).toEqual({ checked: 0, failed: [], left: true });
});
