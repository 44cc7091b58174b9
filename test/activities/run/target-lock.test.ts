import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createAcquireTarget, createReleaseTarget } from '../../../activities/run/target-lock';
import type { Temporal } from '../../../adapters/temporal';
import type { Run } from '../../../contract/run/decisions';
import { targetLockId } from '../../../contract/run/names';
import { workflowBundle } from '../../support/servers/servers';
import { openTestTemporal, startOpenWorkflow, type TestTemporal } from '../../support/servers/temporal-client';
import { until } from '../../support/looks/until';

let at: TestTemporal;
let connection: NativeConnection;
let worker: Worker;
let working: Promise<void>;
let acquire: ReturnType<typeof createAcquireTarget>;
let release: ReturnType<typeof createReleaseTarget>;

beforeAll(async () => {
  at = await openTestTemporal();
  acquire = createAcquireTarget(at);
  release = createReleaseTarget(at);
  connection = await NativeConnection.connect({ address: at.address });
  worker = await Worker.create({
    connection,
    namespace: at.namespace,
    taskQueue: 'rubicon',
    workflowBundle: await workflowBundle(join(__dirname, '../../support/workflows/waiting-workflows.ts')),
  });
  working = worker.run();
});

afterAll(async () => {
  worker.shutdown();
  await working;
  await connection.close();
  await at.close();
});

const newTarget = (): string => `agent-${randomUUID()}`;

/** A rollout that is open, as the holder of a target. */
async function openRollout(target: string, workflowId?: string): Promise<Run> {
  const { workflowId: id, firstRun } = await startOpenWorkflow(at.client, { ...(workflowId && { workflowId }) });
  return { target, workflowId: id, firstRun };
}

const lockOf = async (target: string) => {
  const lock = await at.temporal.describe(targetLockId(target));
  return lock?.open === true ? lock.memo['holder'] : undefined;
};

const end = ({ workflowId }: Run) => at.client.workflow.getHandle(workflowId).terminate('for the test');

test('a target that is taken says by whom, and can be taken once it is released', async () => {
  const target = newTarget();
  const [first, second] = [await openRollout(target), await openRollout(target)];
  await acquire({ run: first });
  expect(await lockOf(target)).toBe(first.workflowId);

  await expect(acquire({ run: second })).rejects.toMatchObject({
    type: 'TargetBusy',
    nonRetryable: true,
    message: `expected "${target}" to be free, found it taken by ${first.workflowId}; wait until that one has ended, or abort it`,
  });
  await release({ run: first });
  await acquire({ run: second });
  expect(await lockOf(target)).toBe(second.workflowId);
});

test('taking and releasing twice changes nothing', async () => {
  const target = newTarget();
  const run = await openRollout(target);
  await acquire({ run });
  const lock = await at.temporal.describe(targetLockId(target));
  await acquire({ run });
  expect((await at.temporal.describe(targetLockId(target)))?.runId).toBe(lock?.runId);
  await release({ run });
  expect(await lockOf(target)).toBeUndefined();
  // It ended by itself, which the list of Temporal UI tells from a rollout that was terminated.
  expect((await at.client.workflow.getHandle(targetLockId(target)).describe()).status.name).toBe('COMPLETED');
  await release({ run });
});

test('releasing a target that another holds, or nobody, changes nothing', async () => {
  const target = newTarget();
  const [holder, other] = [await openRollout(target), await openRollout(target)];
  await release({ run: other });
  await acquire({ run: holder });
  await release({ run: other });
  await release({ run: { ...holder, firstRun: other.firstRun } });
  expect(await lockOf(target)).toBe(holder.workflowId);
});

test('a signal by hand in the name of another, or of nobody, frees nothing; that of its holder does', async () => {
  const target = newTarget();
  const [holder, other] = [await openRollout(target), await openRollout(target)];
  await acquire({ run: holder });
  const lock = at.client.workflow.getHandle(targetLockId(target));
  const forged: unknown[] = [
    undefined,
    null,
    'x',
    [],
    {},
    other,
    { ...holder, firstRun: other.firstRun },
    { toString: 'x' },
  ];
  for (const sender of forged) await lock.signal('release', sender);
  await lock.signal('release');
  expect(await at.temporal.hasEnded(await lock.describe(), 1_000)).toBe(false);
  await lock.signal('release', holder);
  expect(await at.temporal.hasEnded(await lock.describe(), 5_000)).toBe(true);
});

test('two targets know nothing of each other', async () => {
  const [one, other] = [newTarget(), newTarget()];
  await acquire({ run: await openRollout(one) });
  await acquire({ run: await openRollout(other) });
});

describe('a lock without a living holder is taken over', () => {
  test('when the holder was terminated', async () => {
    const target = newTarget();
    const [gone, next] = [await openRollout(target), await openRollout(target)];
    await acquire({ run: gone });
    await end(gone);
    await acquire({ run: next });
    expect(await lockOf(target)).toBe(next.workflowId);
    await release({ run: gone }); // a zombie of the first changes nothing
    expect(await lockOf(target)).toBe(next.workflowId);
  });

  test('when the holder’s id was given to a new run', async () => {
    const target = newTarget();
    const gone = await openRollout(target);
    await acquire({ run: gone });
    await end(gone);
    const again = await openRollout(target, gone.workflowId);
    await acquire({ run: again });
    await expect(acquire({ run: await openRollout(target) })).rejects.toMatchObject({ type: 'TargetBusy' });
    await expect(acquire({ run: gone })).rejects.toMatchObject({ type: 'TargetBusy' });
  });

  test('when Temporal no longer knows the holder', async () => {
    const target = newTarget();
    await acquire({ run: { target, workflowId: 'forgotten', firstRun: randomUUID() } });
    const next = await openRollout(target);
    await acquire({ run: next });
    expect(await lockOf(target)).toBe(next.workflowId);
  });

  test('when the holder was reset and then terminated', async () => {
    const target = newTarget();
    const { holder, reset } = await resettable(target);
    await acquire({ run: holder });
    await reset();
    await expect(acquire({ run: await openRollout(target) })).rejects.toMatchObject({ type: 'TargetBusy' });
    await acquire({ run: holder }); // the reset run takes what it has
    await end(holder);
    await acquire({ run: await openRollout(target) });
  });
});

test('a lock whose workflow nobody serves is freed all the same', async () => {
  const target = newTarget();
  const run = await openRollout(target);
  const nowhere: Temporal = {
    ...at.temporal,
    start: (request) => at.temporal.start({ ...request, taskQueue: 'nobody' }),
  };
  await createAcquireTarget({ temporal: nowhere })({ run });
  const impatient: Temporal = { ...at.temporal, hasEnded: (lock) => at.temporal.hasEnded(lock, 300) };
  await createReleaseTarget({ temporal: impatient })({ run });
  expect(await lockOf(target)).toBeUndefined();
});

test('of many who want a target of a dead holder exactly one gets it', async () => {
  const target = newTarget();
  const dead = await openRollout(target);
  await acquire({ run: dead });
  await end(dead);
  const runs = await Promise.all(Array.from({ length: 8 }, () => openRollout(target)));
  const results = await Promise.allSettled(runs.map((run) => acquire({ run })));
  const winners = runs.filter((_, index) => results[index]?.status === 'fulfilled');
  const losers = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as { type: string }] : []));
  expect(winners).toHaveLength(1);
  expect(losers.map(({ type }) => type)).toEqual(Array(7).fill('TargetBusy'));
  expect(await lockOf(target)).toBe(winners[0]?.workflowId);
});

/** A holder that is served, so that it can be reset to its first task. */
async function resettable(target: string): Promise<{ holder: Run; reset: () => Promise<unknown> }> {
  const { workflowId, runId, firstRun } = await startOpenWorkflow(at.client, { taskQueue: 'rubicon' });
  const handle = at.client.workflow.getHandle(workflowId);
  await until(async () => (await handle.describe()).historyLength >= 4);
  const { namespace } = at;
  const reset = () =>
    at.client.workflowService.resetWorkflowExecution({
      namespace,
      workflowExecution: { workflowId, runId },
      reason: 'for the test',
      workflowTaskFinishEventId: 4 as never, // the generated types want a Long, the wire does not
      requestId: randomUUID(),
    });
  return { holder: { target, workflowId, firstRun }, reset };
}
