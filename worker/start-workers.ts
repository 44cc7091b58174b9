import { join } from 'node:path';
import { Client } from '@temporalio/client';
import type { Connection } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { NativeConnection, WorkflowBundleOption } from '@temporalio/worker';
import { taskQueues } from '../contract/names';
import type { Role } from '../contract/names';
import type { Settings } from './settings';
import { activitiesOf } from './wiring';

export interface WorkersOrder {
  connection: NativeConnection;
  namespace: string;
  settings: Settings;
  roles: readonly Role[];
  /** Default: bundled from `workflows/`, which takes some seconds. */
  workflowBundle?: WorkflowBundleOption;
  /** Shown as the worker's name in Temporal. */
  identity?: string;
}

/** Workers that poll: one a role, each on its own queue. */
export interface Workers {
  /** Lets activities finish for at most 30 s. */
  shutdown(): Promise<void>;
  /** Rejects if one of them fails. */
  finished: Promise<void>;
}

/** Starts one worker a role in this process. It takes tasks when this resolves. */
export async function startWorkers(order: WorkersOrder): Promise<Workers> {
  const { connection, namespace, settings, roles } = order;
  // A client may share the worker's connection, which needs the same server and no more sockets.
  const client = new Client({ connection: connection as unknown as Connection, namespace });
  const workers = await Promise.all(
    roles.map((role) => createWorker(order, role, activitiesOf(role, settings, client))),
  );
  const running = workers.map((worker) => worker.run());
  const finished = Promise.all(running).then(() => undefined);
  finished.catch(() => undefined); // told to whoever waits for it
  return {
    finished,
    async shutdown() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.allSettled(running);
    },
  };
}

/** Options of docs/how-it-works.md: a dead worker is noticed in seconds, and one that ends lets its steps finish. */
function createWorker(order: WorkersOrder, role: Role, activities: object): Promise<Worker> {
  const { connection, namespace, workflowBundle, identity } = order;
  return Worker.create({
    ...{ connection, namespace, activities, taskQueue: taskQueues[role] },
    shutdownGraceTime: '30 s',
    ...(identity !== undefined && { identity: `${identity} ${role}` }),
    ...(role === 'control' && {
      stickyQueueScheduleToStartTimeout: '2 s',
      ...(workflowBundle === undefined
        ? { workflowsPath: join(__dirname, '../workflows/index.ts') }
        : { workflowBundle }),
    }),
  });
}
