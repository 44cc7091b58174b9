import type { WorkflowHandle } from '@temporalio/client';
import type { Facts } from '../../../contract/run/facts';
import { aftercareId } from '../../../contract/run/names';
import type { AftercareSeen } from '../../../contract/activities/aftercare';
import { carryChangeInStaging } from '../../support/stages/carried-staging';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../../support/stages/rollout-stage';
import { replay } from '../../support/workflows/histories';
import { historySizes } from '../../support/workflows/history-sizes';
import { skipTime } from '../../support/servers/skip-time';
import { until } from '../../support/looks/until';

jest.setTimeout(300_000);

const hour = 3_600;

let stage: RolloutStage;

beforeAll(async () => {
  const trueOnes = {
    ...{ soak: '24 hours', soakEvery: '15 minutes' },
    ...{ trial: '15 minutes', monitor: '1 hour', monitorEvery: '30 s' },
  };
  stage = await openRolloutStage({ changePlan: fewProbes, durations: trueOnes, minimumSoak: '24 hours' });
  await carryChangeInStaging(stage);
  await stage.work();
});

afterAll(() => stage.close());

test('a day of soak, an hour of monitor and a week of aftercare fit into one history each', async () => {
  const handle = await stage.start();
  await stage.until(handle, ({ phase, waiting }) => phase === 'soak' && waiting?.for === 'soak');
  await skip(handle, 24 * hour);
  await skipUntil(handle, ({ waiting }) => waiting?.for === 'approval');
  await stage.approve(handle);
  await skipTrial(handle);
  await stage.until(handle, ({ waiting }) => waiting?.for === 'monitor', 90_000);
  await skip(handle, hour - 120); // some of it has passed already, and a run that has ended can't be skipped
  await skipUntil(handle, ({ outcome }) => outcome !== undefined);

  expect(await stage.resultOf(handle)).toMatchObject({ outcome: 'done' });
  const facts = await handle.query<Facts>('status');
  expect(facts.soak).toMatchObject({ healthyMs: 24 * hour * 1_000, restarts: 0 });
  expect(facts.soak?.samples).toBeGreaterThanOrEqual(96);
  expect(facts.trial?.samples).toBeGreaterThanOrEqual(28);
  expect(facts.monitor?.samples).toBeGreaterThanOrEqual(118);
  const history = await handle.fetchHistory();
  const { events, bytes } = historySizes({ history });
  expect(events).toBeLessThan(4_000);
  expect(bytes).toBeLessThan(1_000_000);
  await replay(history, handle.workflowId);

  const aftercare = stage.client.workflow.getHandle(aftercareId(facts.run));
  const seen = (): Promise<AftercareSeen> => aftercare.query<AftercareSeen>('seen');
  await skip(aftercare, 8 * 24 * hour);
  expect(await seen()).toMatchObject({ notGreen: [], looking: false, destroyAt: facts.destroyAt, destructions: {} });
  expect((await seen()).looks).toBeGreaterThanOrEqual(24 + 6);
  // At the date it asks; but no 30 days have passed on the clocks of the databases, and those count.
  await skip(aftercare, 25 * 24 * hour); // the rollout's clock was a day ahead when it named the date
  const kept = { destroyed: false, because: expect.stringMatching(/^it is kept until \d{4}-/) };
  await until(async () => (await seen()).destructions.production !== undefined);
  expect((await seen()).destructions).toMatchObject({ production: kept });
  await aftercare.terminate('the test is over');
});

/** All that its load test and its log need: each of some hundred samples goes through all probes. */
function fewProbes(plan: Record<string, unknown>): void {
  quickLoadTest(plan);
  const needed = ['create a session', 'list own sessions', "somebody else's session is refused"];
  plan['probes'] = (plan['probes'] as { name: string }[]).filter(({ name }) => needed.includes(name));
}

const skip = ({ workflowId }: WorkflowHandle, seconds: number): Promise<void> => skipTime(stage, workflowId, seconds);

/** Without the data. */
async function skipTrial(handle: WorkflowHandle): Promise<void> {
  await stage.until(handle, ({ waiting }) => waiting?.for === 'trial', 90_000);
  await skip(handle, hour / 4 - 60); // some of it has passed already
  // The clock of the database, which the drop asks, can't be moved on.
  await stage.databases.production.query(
    `update rubicon.trial set hidden_at = hidden_at - interval '15 minutes', seen = seen + interval '15 minutes'`,
  );
  await skipUntil(handle, ({ waiting }) => waiting?.for !== 'trial');
}

/** What the activities took is time too, so the end of a wait lies a little behind its length. */
async function skipUntil(handle: WorkflowHandle, wanted: (facts: Facts) => boolean): Promise<void> {
  for (let minutes = 0; minutes < 30; minutes += 1) {
    const reached = await stage.until(handle, wanted, 500).catch(() => undefined);
    if (reached !== undefined) return;
    await skip(handle, 60).catch(() => undefined); // it may have ended meanwhile
  }
  await stage.until(handle, wanted, 1_000);
}
