import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { openTemporal, type Temporal } from '../../../adapters/temporal';
import { quietRuntime } from './quiet-runtime';
import { createNamespace } from './servers';

/** A namespace of the test file's own, with a client and our adapter on it. */
export interface TestTemporal {
  address: string;
  namespace: string;
  client: Client;
  temporal: Temporal;
  close(): Promise<void>;
}

export async function openTestTemporal(): Promise<TestTemporal> {
  quietRuntime();
  const { address, namespace } = await createNamespace();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  return { address, namespace, client, temporal: openTemporal(client), close: () => connection.close() };
}

/** Starts a workflow that no worker of the file need serve; it is open until it is ended. */
export async function startOpenWorkflow(
  client: Client,
  { type = 'rollout', workflowId = `run-${randomUUID()}`, taskQueue = 'nobody', ...rest }: Partial<StartOptions> = {},
): Promise<{ workflowId: string; runId: string; firstRun: string }> {
  const handle = await client.workflow.start(type, { workflowId, taskQueue, ...rest });
  return { workflowId, runId: handle.firstExecutionRunId, firstRun: handle.firstExecutionRunId };
}

type StartOptions = Parameters<Client['workflow']['start']>[1] & { type: string };
