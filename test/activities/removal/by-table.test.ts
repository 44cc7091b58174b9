import { createClassifyRows } from '../../../activities/preflight/classify-rows';
import { createUnhide } from '../../../activities/removal/unhide';
import { obstacles } from '../../../contract/run/findings';
import { frozenState } from '../../../sql/freeze';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { wholeTables } from '../../support/inputs/plan-kinds';
import { knownTo } from '../../support/inputs/known-plan';
import { takeOutOfUse } from '../../support/stages/ready-to-drop';

// Whole tables: nothing replaces them, and their rows are kept by their primary key.

const { plan } = wholeTables;
let at: KindStage;
beforeEach(async () => {
  at = await openKindStage(wholeTables);
});
afterEach(() => at.stage.close());

test('rows are counted; every write is refused, and reading goes on; put back, it is as it was', async () => {
  const before = await at.seen();
  const classify = createClassifyRows({ environment: at.stage.find });
  const { rows, findings } = await classify({
    ...{ target: 'agent-api', newReleaseServes: false },
    ...(await knownTo(at.stage.environment, plan)),
  });
  expect(rows).toMatchObject([
    { table: 'old.Pages', total: 300, match: 300, byRow: true },
    { table: 'visits', total: 301, match: 301, byRow: true },
  ]);
  expect(obstacles(findings)).toEqual([]);
  expect(obstacles(await at.checkStructure())).toEqual([]);
  await takeOutOfUse(at.stage, at.prepared);
  const refused = { code: frozenState };
  await expect(at.query('update rubicon_hidden_visits set tenant = 1 where false')).rejects.toMatchObject(refused);
  await expect(at.query('truncate rubicon_hidden_visits')).rejects.toMatchObject(refused);
  await expect(at.query('select from visits')).rejects.toMatchObject({ code: '42P01' });
  await at.query('select from rubicon_hidden_visits limit 1');
  await expect(createUnhide({ environment: at.stage.find })(at.prepared)).resolves.toEqual([
    'tables have their names back: visits, old.Pages',
    'freeze ended',
  ]);
  expect(await at.seen()).toEqual(before);
});

test('whatever leans on a table is named, with what to do about it', async () => {
  for (const sql of [
    'create view seen as select tenant from visits',
    'create table follow (visit bigint references visits (id))',
    `create function count_visits() returns bigint language sql as 'select count(*) from visits'`,
    'create table rows_of (v visits)',
    'create publication all_of for table visits',
    'create table child () inherits (visits)',
    'alter table visits add foreign key (session) references sessions (id) on delete cascade',
  ])
    await at.query(sql);
  const found = obstacles(await at.checkStructure()).map(({ check }) => check);
  expect(found).toEqual([
    'table column public.rows_of.v',
    'table constraint follow_visit_fkey on public.follow',
    'view public.seen',
    'child table public.child',
    'foreign key visits_session_fkey1 of public.visits',
    'function public.count_visits()',
    'publication all_of of visits',
  ]);
});
