import { obstacles } from '../../../contract/run/findings';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { wholeTables } from '../../support/inputs/plan-kinds';
import { dropNow } from '../../support/stages/ready-to-drop';

// Whole tables: nothing replaces them, and their rows are kept by their primary key.

let at: KindStage;
beforeEach(async () => {
  at = await openKindStage(wholeTables);
});
afterEach(() => at.stage.close());

test('there and back: two tables that point at each other are exactly as they were', async () => {
  await at.backUp();
  await at.query(`insert into visits (tenant) values (77)`);
  const before = await at.seen();
  await dropNow(at.stage, at.prepared);
  const verified = await at.verifyDropped();
  expect(obstacles(verified.filter(({ check }) => check.startsWith('table')))).toEqual([]);
  expect(
    await at.query(
      `select to_regclass('visits') as a, to_regclass('rubicon_hidden_visits') as b, to_regclass('old."Pages"') as c`,
    ),
  ).toEqual([{ a: null, b: null, c: null }]);

  await expect(at.assess()).resolves.toMatchObject({ loss: { rows: 0 }, restorable: { rows: 602 } });
  await at.takeBack();
  expect(await at.seen()).toEqual(before);
  await expect(at.query(`insert into visits (tenant, page) values (1, 'unknown page')`)).rejects.toThrow(/page_of/);
});
