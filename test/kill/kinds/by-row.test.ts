import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { valueColumns, valuesByRow } from '../../support/inputs/plan-kinds';
import { dropNow } from '../../support/stages/ready-to-drop';

// Columns that nothing replaces: their values are kept by the primary key of their row.

let at: KindStage;
beforeEach(async () => {
  at = await openKindStage(valuesByRow);
});
afterEach(() => at.stage.close());

const values = () => at.query(`select tenant, "Id", title, ${valueColumns.join(', ')} from notes order by 1, 2`);

test('there and back: values of every type are exactly as they were, also of rows that were written last', async () => {
  await at.backUp();
  const { structure } = await at.seen();
  await at.query(`update notes set body = 'changed after the backup' where "Id" = 'empty'`);
  await at.query(`update notes set body = null, tags = null where tenant = 3`);
  const before = await values();
  await dropNow(at.stage, at.prepared);
  await at.query(`insert into notes (tenant, "Id", title) values (0, 'since', 'by the new release')`);
  await at.query(`delete from notes where tenant = 6`);

  await expect(at.assess()).resolves.toMatchObject({ loss: { rows: 0, values: 0 }, findings: expect.any(Array) });
  await at.takeBack();
  const since = { tenant: 0, Id: 'since', title: 'by the new release' };
  const nothing = Object.fromEntries(valueColumns.map((column) => [column, null]));
  const left = before.filter(({ tenant }) => tenant !== 6);
  const found = await values();
  expect(found.filter(({ Id }) => Id !== 'since')).toEqual(left);
  expect(found.filter(({ Id }) => Id === 'since')).toEqual([{ ...since, ...nothing }]);
  expect((await at.seen()).structure).toEqual(structure);
});
