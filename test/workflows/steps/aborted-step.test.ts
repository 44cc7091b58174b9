import { rolloutAbortedIn } from '../../support/faults/aborted-rollout';
import { carryChangeInStaging } from '../../support/stages/carried-staging';
import { startHaltingWorkers, type HaltingWorkers } from '../../support/faults/halting-workers';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../../support/stages/rollout-stage';
import { lastReversibleStep } from '../../support/stages/steps-before-the-drop';
import { until } from '../../support/looks/until';
import { leftOpen, observedStateOf, type SeenState } from '../../support/stages/observed';

jest.setTimeout(240_000);

// An abort in the middle of the last step that it can still undo. In all of them: `npm run test:kill`.

let stage: RolloutStage;
let workers: HaltingWorkers;
let before: SeenState;

beforeAll(async () => {
  stage = await openRolloutStage({ changePlan: quickLoadTest });
  await carryChangeInStaging(stage);
  workers = await startHaltingWorkers(stage);
  before = await observedStateOf(stage, 'production');
});

afterAll(async () => {
  await workers.close();
  await stage.close();
});

const aborted = { outcome: 'aborted', because: expect.stringContaining('no drop of this run is possible any more') };

afterEach(async () => {
  const rows = await stage.databases.production.query<{ id: string }>(
    `select workflow_id as id from rubicon.rollout where state <> 'aborted'`,
  );
  expect(rows).toEqual([]);
});

test(`an abort in the last reversible step, "${lastReversibleStep()}", ends with the data as it was`, async () => {
  const { answer, result } = await rolloutAbortedIn(stage, workers, { step: lastReversibleStep() });

  expect(answer).toMatchObject({ accepted: true });
  expect(result).toMatchObject(aborted);
  expect(result.because).toContain('release phase3 stays');
  expect(await observedStateOf(stage, 'production')).toEqual({ ...before, release: 'phase3' });
  await until(async () => (await leftOpen(stage)).length === 0);
});
