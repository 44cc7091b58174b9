import { createClassifyRows } from '../../../activities/preflight/classify-rows';
import { obstacles } from '../../../contract/run/findings';
import { frozenState } from '../../../sql/freeze';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { castOneWay } from '../../support/inputs/plan-kinds';
import { takeOutOfUse, type Prepared } from '../../support/stages/ready-to-drop';
import { knownTo } from '../../support/inputs/known-plan';

// A column that another one of another type replaces: the release that serves goes on changing that one alone.

let at: KindStage;
afterEach(() => at.stage.close());

const classify = async (plan: Prepared['plan'], newReleaseServes: boolean) => {
  const of = createClassifyRows({ environment: at.stage.find });
  return obstacles(
    (await of({ target: 'agent-api', ...(await knownTo(at.stage.environment, plan)), newReleaseServes })).findings,
  );
};

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
