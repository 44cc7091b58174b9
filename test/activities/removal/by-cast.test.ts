import { rmSync } from 'node:fs';
import { createClassifyRows } from '../../../activities/preflight/classify-rows';
import { obstacles } from '../../../contract/run/findings';
import { frozenState } from '../../../sql/freeze';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { castBothWays, castOneWay } from '../../support/inputs/plan-kinds';
import { dropNow, takeOutOfUse, type Prepared } from '../../support/stages/ready-to-drop';
import { knownTo } from '../../support/inputs/known-plan';
import { takeBackWhileWriting } from '../../support/faults/take-back-while-writing';

// A column that another one of another type replaces: the release that serves goes on changing that one alone.

let at: KindStage;
afterEach(() => at.stage.close());

const rows = () => at.query('select id, amount_text, amount from invoices order by id');

const classify = async (plan: Prepared['plan'], newReleaseServes: boolean) => {
  const of = createClassifyRows({ environment: at.stage.find });
  return obstacles(
    (await of({ target: 'agent-api', ...(await knownTo(at.stage.environment, plan)), newReleaseServes })).findings,
  );
};

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

test('before the new release serves each value has to fit; then the freeze lets the replacement be changed', async () => {
  const { plan } = castOneWay;
  at = await openKindStage(castOneWay);
  expect(await classify(plan, false)).toEqual([]);
  expect(obstacles(await at.checkStructure())).toEqual([]);
  await at.query(`update invoices set amount_text = 'a lot' where id = 1`);
  await at.query('update invoices set amount = 8 where id = 2');
  await at.query('update invoices set amount = null where id = 3');
  expect(await classify(plan, false)).toMatchObject([
    { check: 'rows of invoices whose proof does not hold', found: '2 of 401' },
    { check: 'rows of invoices with a value and no replacement', found: '1 of 401' },
  ]);
  expect(await classify(plan, true)).toEqual([]);

  await takeOutOfUse(at.stage, at.prepared);
  await at.query('update invoices set amount = 77 where id = 10');
  const refused = { code: frozenState };
  await expect(at.query(`update invoices set rubicon_hidden_amount_text = 'x' where id = 10`)).rejects.toMatchObject(
    refused,
  );
  await expect(at.query('update invoices set id = 5000 where id = 10')).rejects.toMatchObject(refused);
});
