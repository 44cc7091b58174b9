import { rmSync } from 'node:fs';
import { obstacles } from '../../../contract/run/findings';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { castBothWays } from '../../support/inputs/plan-kinds';
import { dropNow } from '../../support/stages/ready-to-drop';
import { takeBackWhileWriting } from '../../support/faults/take-back-while-writing';

// A column that another one of another type replaces: the release that serves goes on changing that one alone.

let at: KindStage;
afterEach(() => at.stage.close());

const rows = () => at.query('select id, amount_text, amount from invoices order by id');

test('what follows from its replacement comes back for every row, with neither copy nor backup', async () => {
  at = await openKindStage(castBothWays);
  await at.backUp();
  const { structure } = await at.seen();
  await dropNow(at.stage, at.prepared);
  await at.query('update invoices set amount = -1 where id = 1');
  await at.query('insert into invoices (id, amount) values (2000, 14)');
  rmSync(at.stage.environment.backupFolder, { recursive: true });
  await expect(at.assess()).resolves.toMatchObject({ loss: { rows: 0 }, restorable: { rows: 401 } });
  expect(obstacles((await at.assess()).findings)).toEqual([]);

  await takeBackWhileWriting(at, { lossy: false, backup: undefined });
  const found = await rows();
  expect(found).toHaveLength(402);
  const odd = found.filter(({ amount_text: text, amount }) => text !== amount);
  expect(odd).toEqual([{ id: 6, amount_text: 'old', amount: '6' }]);
  expect(found.find(({ id }) => id === 1)).toMatchObject({ amount_text: '-1' });
  expect(found.find(({ id }) => id === 1000)).toMatchObject({ amount_text: null });
  expect((await at.seen()).structure).toEqual(structure);
});
