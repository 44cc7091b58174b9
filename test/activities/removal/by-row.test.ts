import { createCheckStructure } from '../../../activities/structure-checks/check-structure';
import { createClassifyRows } from '../../../activities/preflight/classify-rows';
import { obstacles } from '../../../contract/run/findings';
import { frozenState } from '../../../sql/freeze';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { valuesByRow } from '../../support/inputs/plan-kinds';
import { knownTo } from '../../support/inputs/known-plan';
import { takeOutOfUse } from '../../support/stages/ready-to-drop';

// Columns that nothing replaces: their values are kept by the primary key of their row.

const { plan } = valuesByRow;
let at: KindStage;
beforeEach(async () => {
  at = await openKindStage(valuesByRow);
});
afterEach(() => at.stage.close());

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

test('a CHECK that wants a value, and a foreign key that would write the column, are found', async () => {
  await at.query('create table words (word text primary key)');
  await at.query('alter table notes add constraint wants check (body is not null) not valid');
  await at.query(
    'alter table notes add constraint sets foreign key (body) references words on delete set null not valid',
  );
  expect(obstacles(await at.checkStructure())).toMatchObject([
    { check: 'table constraint wants on public.notes', found: expect.stringContaining('could write no row') as string },
    { check: 'table constraint sets on public.notes', found: expect.stringContaining('the freeze refuses') as string },
  ]);
});
