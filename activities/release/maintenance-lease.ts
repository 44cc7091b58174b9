import type { Run } from '../../contract/run/decisions';
import { maintenanceLeaseId, taskQueues, workflowTypes, type EnvironmentName } from '../../contract/run/names';
import type { Temporal } from '../../adapters/temporal';

/** Who turns maintenance on, where, and for how long at most. */
export interface Lease {
  run: Run;
  environment: EnvironmentName;
  /** From now on. */
  deadlineMs: number;
}

/**
 * Starts the workflow that lifts maintenance at its deadline, whatever becomes of us. To be called **before** it goes
 * on. A lease that is open already is replaced in one step, so there is no moment without one; a second call only
 * starts its time anew.
 */
export async function openLease(temporal: Pick<Temporal, 'start'>, lease: Lease): Promise<void> {
  const { run, environment, deadlineMs } = lease;
  await temporal.start({
    type: workflowTypes.maintenanceLease,
    workflowId: maintenanceLeaseId(run.target, environment),
    taskQueue: taskQueues.control,
    input: { run, environment, deadlineMs },
    memo: { holder: run.workflowId, firstRun: run.firstRun },
    summary: `lifts maintenance of ${run.target} ${environment} if ${run.workflowId} does not`,
    ifOpen: 'replace',
  });
}

/** Ends the lease, **after** maintenance was lifted. Nothing happens if there is none. */
export async function closeLease(
  temporal: Pick<Temporal, 'signal'>,
  { target, environment }: { target: string; environment: EnvironmentName },
): Promise<void> {
  await temporal.signal({ workflowId: maintenanceLeaseId(target, environment) }, 'release');
}
