import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { strictRows } from '../../support/inputs/plan-kinds';
import { takeOutOfUse } from '../../support/stages/ready-to-drop';
import { createUndoRemoval } from '../../../activities/removal/undo-removal';
import { itemsOf, openCheckOf } from '../../support/looks/strict-rows';

// Rows in a table that is strict in every way.

let at: KindStage;
beforeEach(async () => {
  at = await openKindStage(strictRows);
});
afterEach(() => at.stage.close());

test('put back after a trial they are as they were; with a place that is taken, nothing is moved and the rule is named', async () => {
  const before = await itemsOf(at);
  const ready = await takeOutOfUse(at.stage, at.prepared);
  const undoRemoval = () => createUndoRemoval({ environment: at.stage.find })(ready);
  await at.query(
    `insert into list_items (list_id, item, tenant, position, ends_at) values (0, 'other', 1, 3, 'infinity')`,
  );
  await expect(undoRemoval()).rejects.toThrow(/found 1 rows whose values are there again, by a deferrable/);
  await at.query(`delete from list_items where item = 'other'`);
  await undoRemoval();
  expect(await itemsOf(at)).toEqual(before);
  expect(await openCheckOf(at)).toEqual([{ valid: false, comment: 'kept' }]);
});
