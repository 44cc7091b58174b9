import { createClassifyRows } from '../../../activities/preflight/classify-rows';
import { allComparedRows, byComparedTable, comparedAndGone, comparedRows } from '../../support/inputs/compared-rows';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { knownTo } from '../../support/inputs/known-plan';
import { dropNow } from '../../support/stages/ready-to-drop';

// Conditions mean the same in every step: counted, copied, hidden, dropped, forecast, back.

let at: KindStage;
beforeAll(async () => {
  at = await openKindStage(comparedRows);
}, 60_000);
afterAll(() => at.stage.close());

test('what is counted is what is copied, hidden, dropped, and comes back', async () => {
  const before = await allComparedRows(at);
  const classify = createClassifyRows({ environment: at.stage.find });
  const { rows } = await classify({
    ...{ target: 'agent-api', newReleaseServes: false },
    ...(await knownTo(at.stage.environment, comparedRows.plan)),
  });
  expect(Object.fromEntries(rows.map(({ table, match }) => [table, match]))).toEqual(comparedAndGone);

  await at.backUp();
  const all = Object.values(comparedAndGone).reduce((sum, one) => sum + one, 0);
  await expect(dropNow(at.stage, at.prepared)).resolves.toMatchObject({ rows: { copied: all, dropped: all } });
  const left = await allComparedRows(at);
  expect(byComparedTable((table) => before[table]!.length - left[table]!.length)).toEqual(comparedAndGone);

  await expect(at.assess()).resolves.toMatchObject({ loss: { rows: 0 }, restorable: { rows: all } });
  await at.takeBack();
  await expect(allComparedRows(at)).resolves.toEqual(before);
});
