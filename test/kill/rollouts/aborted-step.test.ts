import type { WorkflowHandle } from '@temporalio/client';
import type { Facts } from '../../../contract/run/facts';
import { maintenanceLeaseId } from '../../../contract/run/names';
import { rolloutAbortedIn, rolloutHaltedIn } from '../../support/faults/aborted-rollout';
import { replay } from '../../support/workflows/histories';
import { startHaltingWorkers, type HaltingWorkers } from '../../support/faults/halting-workers';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../../support/stages/rollout-stage';
import { lastReversibleStep, releaseAfter, stepsBeforeTheDrop } from '../../support/stages/steps-before-the-drop';
import { until } from '../../support/looks/until';
import { isAtWork, leftOpen, platformState, observedStateOf, type SeenState } from '../../support/stages/observed';

jest.setTimeout(240_000);

let stage: RolloutStage;
let workers: HaltingWorkers;
let before: SeenState;

async function open(): Promise<void> {
  // A busy machine changes the release within it, and one test waits until it is over.
  stage = await openRolloutStage({ changePlan: quickLoadTest, durations: { maintenance: '30 s' } });
  workers = await startHaltingWorkers(stage);
  before = await observedStateOf(stage, 'production');
}

async function close(): Promise<void> {
  await workers.close();
  await stage.close();
}

beforeAll(open);
afterEach(async () => {
  if (await isAtWork(stage)) await close().then(open); // one failure stays one
});
afterAll(close);

const steps = stepsBeforeTheDrop();

const statesOf = async ({ workflowId }: WorkflowHandle): Promise<unknown[]> => {
  const sql = 'select state from rubicon.rollout where workflow_id = $1';
  const rows = await stage.databases.production.query(sql, [workflowId]);
  return rows.map(({ state }) => state as unknown);
};

test.each(steps)('an abort in "%s" ends with the data of production as it was', async (step) => {
  const { handle, answer, result } = await rolloutAbortedIn(stage, workers, { step });

  expect(answer).toMatchObject({ accepted: true });
  expect(result).toMatchObject({ outcome: 'aborted', because: expect.stringContaining(`abort in ${step}`) });
  expect(await observedStateOf(stage, 'production')).toEqual({ ...before, release: releaseAfter(step) });
  // Its state row is there from the gate on.
  const mayHaveNone = steps.indexOf(step) <= steps.indexOf('approval: production');
  expect(mayHaveNone ? [[], ['aborted']] : [['aborted']]).toContainEqual(await statesOf(handle));
  await replay(await handle.fetchHistory(), handle.workflowId);
  await until(async () => (await leftOpen(stage)).length === 0);
});

test('an abort while a backup is proven ends with the data of production as it was', async () => {
  const order = { step: 'production: backup and proof', activity: 'proveBackup' };
  const { answer, result } = await rolloutAbortedIn(stage, workers, order);

  expect(answer).toMatchObject({ accepted: true });
  expect(result).toMatchObject({ outcome: 'aborted' });
  expect(await observedStateOf(stage, 'production')).toEqual({ ...before, release: 'phase3' });
  await until(async () => (await leftOpen(stage)).length === 0);
});

test('a rollout that is terminated in maintenance leaves nobody waiting: the lease lifts it at its deadline', async () => {
  const order = { step: 'production: new release', activity: 'setMaintenance', moment: 'after' } as const;
  const { handle, go } = await rolloutHaltedIn(stage, workers, order);
  expect(await platformState(stage, 'production')).toMatchObject({ maintenance: true });
  await handle.terminate('someone pressed the button');
  go();

  const lease = stage.client.workflow.getHandle(maintenanceLeaseId('agent-api', 'production'));
  expect(await lease.result()).toBe('lifted');
  expect(await observedStateOf(stage, 'production')).toEqual({ ...before, release: 'phase3' });
});

test('a cancellation in Temporal is an abort', async () => {
  const { handle, go } = await rolloutHaltedIn(stage, workers, { step: lastReversibleStep() });
  await handle.cancel();
  const result = await stage.resultOf(handle);
  go();

  expect(result).toMatchObject({ outcome: 'aborted', because: expect.stringContaining('cancelled in Temporal') });
  expect(await observedStateOf(stage, 'production')).toEqual({ ...before, release: 'phase3' });
  expect(await statesOf(handle)).toEqual(['aborted']);
});

test('an abort in the drop, before it has done anything, is the last one that counts', async () => {
  const order = { step: 'production: drop', activity: 'drop' };
  const { handle, answer, result } = await rolloutAbortedIn(stage, workers, order);

  expect(answer).toMatchObject({ accepted: true });
  expect(result).toMatchObject({ outcome: 'aborted' });
  expect(await observedStateOf(stage, 'production')).toEqual({ ...before, release: 'phase3' });
  expect(await statesOf(handle)).toEqual(['aborted']);
});

test('an abort in maintenance leaves a release that had served before: the old one would show new rows to everybody', async () => {
  const { production } = stage.databases;
  const insert = `insert into sessions (title, owner_api_key_hash) values ('written under it', repeat('a', 64))`;
  await production.query(insert);
  const order = { step: 'production: new release', activity: 'deploy', moment: 'after' } as const;
  const { result } = await rolloutAbortedIn(stage, workers, order);

  expect(result).toMatchObject({ outcome: 'aborted' });
  expect(await platformState(stage, 'production')).toMatchObject({ release: 'phase3', maintenance: false });
});

test('an abort that comes when the drop has happened and nobody knows it yet is refused, and the rollout goes on', async () => {
  const order = { step: 'production: drop', activity: 'drop', moment: 'after' } as const;
  const { handle, answer, result } = await rolloutAbortedIn(stage, workers, order);

  expect(answer).toMatchObject({ accepted: false, because: expect.stringContaining('send rollback instead') });
  expect(result).toMatchObject({ outcome: 'done' });
  expect(await observedStateOf(stage, 'production')).toMatchObject({
    columns: [undefined, undefined],
    release: 'phase3',
  });
  expect(await statesOf(handle)).toEqual(['dropped']);
  const { pastTheDrop } = await handle.query<Facts>('status');
  expect(pastTheDrop).toBe(true);
});
