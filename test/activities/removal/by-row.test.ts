import { createCheckStructure } from '../../../activities/structure-checks/check-structure';
import { createClassifyRows } from '../../../activities/preflight/classify-rows';
import { obstacles } from '../../../contract/run/findings';
import { frozenState } from '../../../sql/freeze';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { valueColumns, valuesByRow } from '../../support/inputs/plan-kinds';
import { knownTo } from '../../support/inputs/known-plan';
import { dropNow, takeOutOfUse } from '../../support/stages/ready-to-drop';

// Columns that nothing replaces: their values are kept by the primary key of their row.

const { plan } = valuesByRow;
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

const checkKey = (primaryKey?: string[]) =>
  createCheckStructure({ environment: at.stage.find })({
    ...{ target: 'agent-api', queries: [], dropped: false },
    removes: [{ column: 'notes.body', ...(primaryKey && { primaryKey }) }],
  });

async function expectCounted(): Promise<void> {
  const classify = createClassifyRows({ environment: at.stage.find });
  const { rows, findings } = await classify({
    ...{ target: 'agent-api', newReleaseServes: false },
    ...(await knownTo(at.stage.environment, plan)),
  });
  expect(rows[0]).toMatchObject({ table: 'notes', column: 'amount', total: 601, match: 600, byRow: true });
  expect(obstacles(findings)).toEqual([]);

  expect(obstacles(await checkKey(['Id', 'tenant']))).toEqual([]);
  expect(obstacles(await checkKey())).toMatchObject([
    { expected: 'id', found: 'Id, tenant', remedy: 'write into the plan: primaryKey: [Id, tenant]' },
  ]);
  await at.query('alter table notes drop constraint notes_pkey');
  expect(obstacles(await checkKey(['Id', 'tenant']))).toMatchObject([{ found: 'none' }]);
  await at.query('alter table notes add primary key (tenant, "Id")');
}

test('rows are counted, a key that is not the primary one is named, and the freeze keeps a value beside its key', async () => {
  await expectCounted();
  await takeOutOfUse(at.stage, at.prepared);
  const refused = { code: frozenState };
  await expect(at.query(`update notes set rubicon_hidden_body = 'x' where tenant = 1`)).rejects.toMatchObject(refused);
  await expect(at.query(`update notes set tenant = 99 where tenant = 1`)).rejects.toMatchObject(refused);
  await at.query(`update notes set title = 'u' where tenant = 1`);
  await at.query(`update notes set tenant = 99 where "Id" = 'empty'`); // has no value that could be lost
  await at.query(`delete from notes where tenant = 2`);
});
