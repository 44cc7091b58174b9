import type { WorkflowHandle } from '@temporalio/client';
import type { Facts } from '../../contract/facts';
import { expectNothingLeft } from '../support/after-a-kill';
import { droppedOnce, seenByAudit } from '../support/audit';
import { carryChangeInStaging } from '../support/carried-staging';
import { rolloutKilledAt } from '../support/killed-rollout';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../support/rollout-stage';
import { startWorkerProcesses, type WorkerProcesses } from '../support/worker-processes';
import { worldOf } from '../support/world';

jest.setTimeout(240_000);

// The worst place at which a worker can die. All of them: `npm run test:kill`.

let stage: RolloutStage;
let workers: WorkerProcesses;
let rollout: { handle: WorkflowHandle; facts: Facts };

beforeAll(async () => {
  stage = await openRolloutStage({ changePlan: quickLoadTest });
  await carryChangeInStaging(stage);
  workers = await startWorkerProcesses(stage);
});

afterAll(async () => {
  await workers.close();
  await stage.close();
});

test('a worker dies in the drop; the second ends the rollout as done', async () => {
  rollout = await rolloutKilledAt(stage, workers, ['drop']);

  expect(rollout.facts).toMatchObject({ outcome: 'done', troubles: [] });
  expect(workers.started).toBe(2);
});

test('the drop has happened exactly once', async () => {
  const { production } = stage.databases;
  expect(await seenByAudit(production)).toMatchObject(droppedOnce);
  expect(await production.query('select state from rubicon.rollout')).toEqual([{ state: 'dropped' }]);
  expect(await worldOf(stage, 'production')).toMatchObject({
    ...{ columns: [undefined, undefined], revision: '20260208_000007', release: 'phase3', maintenance: false },
  });
});

test('nobody waits, nothing is left, and neither the logs of the two nor any history holds a secret', async () => {
  await expectNothingLeft(stage, workers, [rollout.handle]);
});
