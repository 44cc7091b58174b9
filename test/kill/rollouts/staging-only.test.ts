import type { Facts } from '../../../contract/run/facts';
import { aftercareId } from '../../../contract/run/names';
import type { AftercareSeen } from '../../../contract/activities/aftercare';
import { keepHistory } from '../../support/workflows/histories';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../../support/stages/rollout-stage';
import { observedStateOf } from '../../support/stages/observed';

jest.setTimeout(240_000);

let stage: RolloutStage;
beforeAll(async () => {
  stage = await openRolloutStage({ changePlan: quickLoadTest });
  await stage.work();
});
afterAll(() => stage.close());

test('"until": "staging" changes staging and asks nobody', async () => {
  const before = await observedStateOf(stage, 'production');
  const handle = await stage.start({ until: 'staging' });

  const because = expect.stringContaining('staging'); // shown if it is another one
  expect(await stage.resultOf(handle)).toMatchObject({ outcome: 'staging-only', because });
  expect(await observedStateOf(stage, 'staging')).toMatchObject({ columns: [undefined, undefined], release: 'phase3' });
  const { run, destroyAt } = await handle.query<Facts>('status');
  const aftercare = stage.client.workflow.getHandle(aftercareId(run));
  // Its backup of staging has a date.
  expect(await aftercare.query<AftercareSeen>('seen')).toMatchObject({ looking: false, destroyAt, destructions: {} });
  expect(await observedStateOf(stage, 'production')).toEqual(before);
  keepHistory('staging-only', { history: await handle.fetchHistory() });
});
