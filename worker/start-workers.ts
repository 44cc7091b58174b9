import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { Worker, type NativeConnection, type WorkerOptions, type WorkflowBundleOption } from '@temporalio/worker';
import { taskQueues, type Role } from '../contract/run/names';
import type { Settings } from './settings/settings';
import { activitiesOf } from './wiring';

/** Which workers are started. */
export interface WorkersOrder {
  /** The caller closes it, once they have ended. */
  connection: NativeConnection;
  namespace: string;
  settings: Settings;
  roles: readonly Role[];
  /** Default: bundled from `workflows/`, which takes some seconds. */
  workflowBundle?: WorkflowBundleOption;
  /** The worker's name in Temporal, which its role follows. Default: the SDK's own. */
  identity?: string;
}

/** Workers that poll: one a role, each on its own queue. */
export interface Workers {
  /** Lets activities finish for at most 30 s. Ends all of them, whatever has become of one. */
  shutdown(): Promise<void>;
  /** Rejects if one of them fails. */
  finished: Promise<void>;
}

/** Starts one worker a role in this process. It takes tasks when this resolves. */
export async function startWorkers(order: WorkersOrder): Promise<Workers> {
  const { connection, namespace, settings, roles } = order;
  const client = new Client({ connection, namespace }); // the worker's own connection: no more sockets
  const workers = await Promise.all(
    roles.map((role) => createWorker(order, role, activitiesOf(role, settings, client))),
  );
  const running = workers.map((worker) => worker.run());
  const finished = Promise.all(running).then(() => undefined);
  finished.catch(() => undefined); // told to those who wait for it
  return {
    finished,
    async shutdown() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.allSettled(running);
    },
  };
}

/** A dead worker is noticed in seconds, and one that ends lets its steps finish. */
function createWorker(order: WorkersOrder, role: Role, activities: object): Promise<Worker> {
  const { connection, namespace, identity } = order;
  return Worker.create({
    ...{ connection, namespace, activities, taskQueue: taskQueues[role] },
    shutdownGraceTime: '30 s',
    maxHeartbeatThrottleInterval: '3 s', // an abort arrives by the answer to a heartbeat; the SDK would wait 24 s
    ...(identity !== undefined && { identity: `${identity} ${role}` }),
    ...(role === 'control' && workflowOptions(order)),
  });
}

function workflowOptions({ workflowBundle, settings }: WorkersOrder): Partial<WorkerOptions> {
  const { deployment } = settings;
  return {
    // A query after the end of a worker answers in 2 s instead of 10.
    stickyQueueScheduleToStartTimeout: '2 s',
    ...(workflowBundle ? { workflowBundle } : { workflowsPath: join(__dirname, '../workflows') }),
    ...(deployment && {
      workerDeploymentOptions: {
        useWorkerVersioning: true,
        version: { deploymentName: deployment.name, buildId: deployment.build },
        defaultVersioningBehavior: 'PINNED' as const,
      },
    }),
  };
}
