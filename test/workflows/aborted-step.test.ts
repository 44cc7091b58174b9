import { maintenanceLeaseId } from '../../contract/names';
import { rolloutAbortedIn, rolloutHaltedIn } from '../support/aborted-rollout';
import { carryChangeInStaging } from '../support/carried-staging';
import { startHaltingWorkers, type HaltingWorkers } from '../support/halting-workers';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../support/rollout-stage';
import { lastReversibleStep } from '../support/steps-before-the-drop';
import { until } from '../support/until';
import { leftOpen, platformState, worldOf, type SeenWorld } from '../support/world';

jest.setTimeout(240_000);

// An abort in the middle of some steps of production. In all of them, each on its own: `npm run test:kill`.

let stage: RolloutStage;
let workers: HaltingWorkers;
let before: SeenWorld;
const terminated: string[] = [];

beforeAll(async () => {
  stage = await openRolloutStage({ changePlan: quickLoadTest, durations: { maintenance: '5 s' } });
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
  expect(rows.map(({ id }) => id)).toEqual(terminated); // nobody closes the row of those; without a workflow no drop
});

test('an abort in maintenance, when the new release serves already, ends with the old one and maintenance off', async () => {
  const order = { step: 'production: new release', activity: 'deploy', moment: 'after' } as const;
  const { answer, result } = await rolloutAbortedIn(stage, workers, order);

  expect(answer).toMatchObject({ accepted: true });
  expect(result).toMatchObject(aborted);
  expect(await worldOf(stage, 'production')).toEqual(before);
  expect(await leftOpen(stage)).toEqual([]);
});

test('a rollout that is terminated in maintenance leaves nobody waiting: the lease lifts it at its deadline', async () => {
  const order = { step: 'production: new release', activity: 'setMaintenance', moment: 'after' } as const;
  const { handle, go } = await rolloutHaltedIn(stage, workers, order);
  expect(await platformState(stage, 'production')).toMatchObject({ maintenance: true });
  await handle.terminate('somebody pressed the button');
  terminated.push(handle.workflowId);
  go();

  const lease = stage.client.workflow.getHandle(maintenanceLeaseId('agent-api', 'production'));
  expect(await lease.result()).toBe('lifted');
  expect(await worldOf(stage, 'production')).toEqual(before);
});

test(`an abort in the last reversible step, "${lastReversibleStep()}", ends with the data as it was`, async () => {
  const { answer, result } = await rolloutAbortedIn(stage, workers, { step: lastReversibleStep() });

  expect(answer).toMatchObject({ accepted: true });
  expect(result).toMatchObject(aborted);
  expect(result.because).toContain('release phase3 stays');
  expect(await worldOf(stage, 'production')).toEqual({ ...before, release: 'phase3' });
  await until(async () => (await leftOpen(stage)).length === 0);
});
