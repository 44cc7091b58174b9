import { findCopies } from '../../../activities/backup/copy-folder';
import { createClassifyRows } from '../../../activities/preflight/classify-rows';
import { createUndoRemoval } from '../../../activities/removal/undo-removal';
import { allComparedRows, byComparedTable, comparedAndGone, comparedRows } from '../../support/inputs/compared-rows';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { knownTo } from '../../support/inputs/known-plan';
import { takeOutOfUse } from '../../support/stages/ready-to-drop';

// Conditions mean the same in every step. With the drop and the way back: test/kill/kinds/one-equality.test.ts.

let at: KindStage;
beforeAll(async () => {
  at = await openKindStage(comparedRows);
}, 60_000);
afterAll(() => at.stage.close());

test('what is counted is what is copied and hidden, and comes back before the drop', async () => {
  const before = await allComparedRows(at);
  const classify = createClassifyRows({ environment: at.stage.find });
  const { rows } = await classify({
    ...{ target: 'agent-api', newReleaseServes: false },
    ...(await knownTo(at.stage.environment, comparedRows.plan)),
  });
  expect(Object.fromEntries(rows.map(({ table, match }) => [table, match]))).toEqual(comparedAndGone);

  const [sum, ready] = [
    Object.values(comparedAndGone).reduce((all, one) => all + one, 0),
    await takeOutOfUse(at.stage, at.prepared),
  ];
  const [copy] = await findCopies(at.stage.environment, ready.run);
  expect(copy?.receipt).toMatchObject({ rows: sum });
  const left = await allComparedRows(at);
  expect(byComparedTable((table) => before[table]!.length - left[table]!.length)).toEqual(comparedAndGone);

  await createUndoRemoval({ environment: at.stage.find })(ready);
  await expect(allComparedRows(at)).resolves.toEqual(before);
});
