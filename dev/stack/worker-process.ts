import { join } from 'node:path';
import type { Connection } from '@temporalio/client';
import { taskQueues } from '../../contract/run/names';
import type { Role } from '../../contract/run/names';
import { startChild } from '../servers/child';
import type { Child } from '../servers/child';
import { createThrowAwayFolder } from '../servers/throw-away-folder';

const root = join(__dirname, '../..');

export interface WorkerProcessSettings {
  address: string;
  namespace: string;
  roles: readonly Role[];
  /** Secrets, and RUBICON_CONFIG. */
  env: Record<string, string>;
  /** Workflow code bundled beforehand: seconds faster. */
  bundleFile?: string;
  /** To see its pollers: ready means that it takes tasks. */
  connection: Connection;
}

/** A worker in a process of its own, as the README starts it: `rubicon worker --roles …`. Dies with ours. */
export function startWorkerProcess({
  address,
  namespace,
  roles,
  env,
  connection,
  bundleFile,
}: WorkerProcessSettings): Promise<Child> {
  const identity = `${roles.join('+')}-${Math.random().toString(36).slice(2, 8)}`;
  return startChild({
    name: `worker (${roles.join(', ')})`,
    program: process.execPath,
    args: [
      ...[join(root, 'client', 'rubicon.js'), 'worker', '--roles', roles.join(',')],
      ...(bundleFile === undefined ? [] : ['--workflow-bundle', bundleFile]),
    ],
    folder: createThrowAwayFolder('worker'),
    env: {
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      RUBICON_WORKER_IDENTITY: identity,
      ...env,
    },
    isReady: async () => {
      for (const role of roles)
        await hasPoller(connection, namespace, taskQueues[role], role === 'control' ? 1 : 2, identity);
    },
    endSignals: ['SIGTERM', 'SIGKILL'],
  });
}

/** Of this very worker: others may poll the same queue. `kind` 1 = workflows, 2 = activities. */
async function hasPoller(
  connection: Connection,
  namespace: string,
  queue: string,
  kind: 1 | 2,
  identity: string,
): Promise<void> {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: queue },
    taskQueueType: kind,
    reportPollers: true,
  });
  if (pollers?.some((poller) => poller.identity?.includes(identity))) return;
  throw new Error(`expected worker ${identity} to poll ${queue}, found ${pollers?.length ?? 0} pollers, not this one`);
}
