import { join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import { until } from '../looks/until';
import { workflowBundle } from '../servers/servers';
import { startOpenWorkflow, type TestTemporal } from '../servers/temporal-client';

/** Begins a run, "stuck", that today's code can't go on with. */
export async function beginStuckRun(at: TestTemporal): Promise<void> {
  const connection = await NativeConnection.connect({ address: at.address });
  const bundle = await workflowBundle(join(__dirname, '../workflows/waiting-workflows.ts'));
  const { namespace } = at;
  const worker = await Worker.create({ connection, namespace, taskQueue: 'rubicon', workflowBundle: bundle });
  await worker.runUntil(async () => {
    await startOpenWorkflow(at.client, { workflowId: 'stuck', taskQueue: 'rubicon' });
    const handle = at.client.workflow.getHandle('stuck');
    await until(async () => (await handle.describe()).historyLength >= 5);
  });
  await connection.close();
  await until(async () => (await at.temporal.list('WorkflowId = "stuck"', 1)).length === 1, 15_000);
}
