import type { WorkflowHandle } from '@temporalio/client';
import { stepLabel } from '../../../contract/run/step-names';
import { carryChangeInStaging } from '../../support/stages/carried-staging';
import { captureColumns } from '../../support/looks/database-state';
import { rolloutAbortedIn, rolloutHaltedIn } from '../../support/faults/aborted-rollout';
import { startHaltingWorkers, type HaltingWorkers, type HaltOrder } from '../../support/faults/halting-workers';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../../support/stages/rollout-stage';
import { leftOpen, platformState, observedStateOf } from '../../support/stages/observed';

jest.setTimeout(240_000);

let stage: RolloutStage;
let workers: HaltingWorkers;
let rollout: WorkflowHandle;

beforeAll(async () => {
  stage = await openRolloutStage({ changePlan: quickLoadTest, durations: { maintenance: '20 s' } });
  await carryChangeInStaging(stage);
  workers = await startHaltingWorkers(stage);
});

afterAll(async () => {
  await workers.close();
  await stage.close();
});

const columns = () => captureColumns(stage.databases.production);

test('an abort in maintenance, when the new release serves already, ends with the old one and maintenance off', async () => {
  const before = await observedStateOf(stage, 'production');
  const order = { step: 'production: new release', activity: 'deploy', moment: 'after' } as const;
  const { answer, result } = await rolloutAbortedIn(stage, workers, order);

  expect(answer).toMatchObject({ accepted: true });
  const because = expect.stringContaining('no drop of this run is possible any more');
  expect(result).toMatchObject({ outcome: 'aborted', because });
  expect(await observedStateOf(stage, 'production')).toEqual(before);
  expect(await leftOpen(stage)).toEqual([]);
});

test('a release that takes too long to change is stopped and taken back before its lease lifts maintenance', async () => {
  const halted = await rolloutHaltedIn(stage, workers, { step: 'production: new release', activity: 'deploy' });
  rollout = halted.handle;
  const { question, warnings } = await stage.until(rollout, (facts) => facts.question !== undefined);
  halted.go();

  expect(question?.because.join()).toMatch(/within 14 s of maintenance, found that it takes longer/);
  expect(question?.state).toContain('maintenance off');
  expect(warnings).toEqual([]);
  expect(await platformState(stage, 'production')).toMatchObject({ release: 'phase2', maintenance: false });

  await stage.decide(rollout, 'answer', { choice: 'retry', reason: 'deploys are fast again' });
  expect(await stage.resultOf(rollout)).toMatchObject({ outcome: 'done' });
});

test('an abort before the first effect of a rollback ends it, with nothing changed', async () => {
  const { back, go } = await rollbackHaltedIn({
    step: stepLabel({ name: 'restore', of: 'production' }),
    activity: 'restoreRemoved',
  });
  expect(await stage.decide(back, 'rollback', { reason: 'once more' })).toMatchObject({
    ...{ accepted: false, because: expect.stringContaining('this is the rollback') },
  });
  expect(await stage.decide(back, 'abort', { reason: 'it was something else' })).toMatchObject({ accepted: true });
  go();

  expect(await stage.resultOf(back)).toMatchObject({ outcome: 'aborted' });
  expect(await columns()).toEqual([undefined, undefined]);
  expect(await platformState(stage, 'production')).toMatchObject({ release: 'phase3', maintenance: false });
});

test('an abort after it is refused, and the rollback goes on to its end', async () => {
  const order: HaltOrder = {
    step: stepLabel({ name: 'restore', of: 'production' }),
    activity: 'restoreRemoved',
    moment: 'after',
  };
  const { back, go } = await rollbackHaltedIn(order);
  expect(await stage.decide(back, 'abort', { reason: 'too late' })).toMatchObject({
    ...{ accepted: false, because: expect.stringContaining('the rollback runs to its end') },
  });
  go();

  expect(await stage.resultOf(back)).toMatchObject({ outcome: 'rolled-back' });
  expect((await columns()).every((column) => column !== undefined)).toBe(true);
  expect(await platformState(stage, 'production')).toMatchObject({ release: 'phase2', maintenance: false });
});

let ordered = 0;

/** Orders the rollback of the rollout, approved, and lets it come to where it halts. */
async function rollbackHaltedIn(order: HaltOrder): Promise<{ back: WorkflowHandle; go: () => void }> {
  const { reached, go } = workers.halt(order);
  ordered += 1;
  const back = await stage.client.workflow.start('rollback', {
    ...{ taskQueue: 'rubicon', workflowId: `${rollout.workflowId}/rollback-${ordered}` },
    args: [{ rollout: rollout.workflowId, requestedBy: 'maria', reason: 'clients report 401' }],
  });
  await stage.approve(back);
  await reached;
  return { back, go };
}
