import type { Run } from '../../contract/run/decisions';
import { permanent } from '../../contract/run/failures';
import { targetLockId, taskQueues, workflowTypes } from '../../contract/run/names';
import type { ControlActivities } from '../../contract/activities/control-activities';
import type { Execution, Temporal } from '../../adapters/temporal';

type LockDeps = { temporal: Pick<Temporal, 'start' | 'describe' | 'signal' | 'terminate' | 'hasEnded'> };

/** A lock can be freed and taken by others between two looks at it, but not this often. */
const looks = 10;

/**
 * Takes a target: an open workflow `rubicon-target/<target>` says whose it is. Guards against two rollouts on one
 * target, also when the holder was terminated and never released it. Safe to run twice: a lock of one's own is fine,
 * and only the very run of the lock that was seen without a living holder is ended.
 *
 * @throws `TargetBusy` with the name of a holder that lives
 */
export function createAcquireTarget({ temporal }: LockDeps): ControlActivities['acquireTarget'] {
  return async ({ run }) => {
    for (let look = 0; look < looks; look += 1) {
      if ((await startLock(temporal, run)) === 'started') return;
      const lock = await temporal.describe(targetLockId(run.target));
      if (lock === undefined || !lock.open) continue; // freed since: once more
      const holder = holderOf(lock);
      if (isSame(holder, run)) return;
      if (await lives(temporal, holder)) throw busy(run.target, holder);
      await temporal.terminate(lock, `its holder ${holder.workflowId} has ended; taken by ${run.workflowId}`);
    }
    throw new Error(
      `expected to take or find the lock of ${run.target} within ${looks} looks; others take it all the time`,
    );
  };
}

/** The lock ends within milliseconds where a control worker runs, and we are one. */
const endsWithinMs = 5_000;

/**
 * Frees a target if this run holds it; otherwise nothing happens, so it is safe to run twice. When it returns the
 * target can be taken: it waits until the lock has ended, and ends it itself if nobody serves it.
 */
export function createReleaseTarget({ temporal }: LockDeps): ControlActivities['releaseTarget'] {
  return async ({ run }) => {
    const lock = await temporal.describe(targetLockId(run.target));
    if (lock === undefined || !lock.open || !isSame(holderOf(lock), run)) return;
    await temporal.signal(lock, 'release', run);
    if (await temporal.hasEnded(lock, endsWithinMs)) return;
    await temporal.terminate(lock, `released by ${run.workflowId}`);
  };
}

type Holder = Pick<Run, 'workflowId' | 'firstRun'>;

const startLock = (temporal: Pick<Temporal, 'start'>, run: Run): Promise<'started' | 'open already'> =>
  temporal.start({
    type: workflowTypes.targetLock,
    workflowId: targetLockId(run.target),
    taskQueue: taskQueues.control,
    input: { run },
    memo: { holder: run.workflowId, firstRun: run.firstRun },
    summary: `${run.target} is taken by ${run.workflowId}`,
    ifOpen: 'refuse',
  });

const holderOf = ({ memo }: Execution): Holder => ({
  workflowId: String(memo['holder'] ?? 'someone unknown'),
  firstRun: String(memo['firstRun'] ?? ''),
});

const isSame = (a: Holder, b: Holder): boolean => a.workflowId === b.workflowId && a.firstRun === b.firstRun;

/** Reset keeps the first run, so a rollout that was reset still holds its lock; a new run of the same id does not. */
async function lives(temporal: Pick<Temporal, 'describe'>, { workflowId, firstRun }: Holder): Promise<boolean> {
  const found = await temporal.describe(workflowId);
  return found !== undefined && found.open && found.firstRun === firstRun;
}

const busy = (target: string, { workflowId }: Holder): Error =>
  permanent(
    'TargetBusy',
    `expected "${target}" to be free, found it taken by ${workflowId}; wait until that one has ended, or abort it`,
    { holder: workflowId },
  );
