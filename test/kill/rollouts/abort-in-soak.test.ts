import { keepHistory, recordHistories, replay } from '../../support/workflows/histories';
import { carryChangeInStaging } from '../../support/stages/carried-staging';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../../support/stages/rollout-stage';
import { lockHolder, observedStateOf } from '../../support/stages/observed';

let stage: RolloutStage;
let productionBefore: object;

beforeAll(async () => {
  stage = await openRolloutStage({ changePlan: quickLoadTest });
  await carryChangeInStaging(stage); // by an earlier rollout
  productionBefore = await observedStateOf(stage, 'production');
  await stage.work();
});

afterAll(() => stage.close());

test('an abort in the soak is acknowledged when everything is put back', async () => {
  const handle = await stage.start();
  await stage.until(handle, ({ phase }) => phase === 'soak');

  expect(await stage.decide(handle, 'abort', { reason: 'not today' })).toMatchObject({ accepted: true });
  expect(await stage.resultOf(handle)).toMatchObject({
    outcome: 'aborted',
    because: expect.stringContaining('not today'),
  });
  keepHistory('aborted', { history: await handle.fetchHistory() });
  expect(await observedStateOf(stage, 'production')).toEqual(productionBefore);
  const rows = await stage.databases.production.query(`select from rubicon.rollout where state <> 'aborted'`);
  expect(rows).toEqual([]);
  expect(await lockHolder(stage)).toBeUndefined();
  for (const { workflowId, history } of await recordHistories(stage.client)) await replay(history, workflowId);
});
