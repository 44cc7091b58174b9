import { rolloutAbortedIn } from '../support/aborted-rollout';
import { carryChangeInStaging } from '../support/carried-staging';
import { startHaltingWorkers, type HaltingWorkers } from '../support/halting-workers';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../support/rollout-stage';
import { leftOpen, worldOf, type SeenWorld } from '../support/world';

jest.setTimeout(240_000);

// Before anybody but our probes has written under the new release.

let stage: RolloutStage;
let workers: HaltingWorkers;
let before: SeenWorld;

beforeAll(async () => {
  stage = await openRolloutStage({ changePlan: quickLoadTest });
  await carryChangeInStaging(stage);
  workers = await startHaltingWorkers(stage);
  before = await worldOf(stage, 'production');
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

test('an abort in maintenance, when the new release serves already, ends with the old one and maintenance off', async () => {
  const order = { step: 'production: new release', activity: 'deploy', moment: 'after' } as const;
  const { answer, result } = await rolloutAbortedIn(stage, workers, order);

  expect(answer).toMatchObject({ accepted: true });
  expect(result).toMatchObject(aborted);
  expect(await worldOf(stage, 'production')).toEqual(before);
  expect(await leftOpen(stage)).toEqual([]);
});
