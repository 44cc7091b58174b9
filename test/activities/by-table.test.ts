import { createBackup } from '../../activities/backup';
import { createCheckStructure } from '../../activities/check-structure';
import { createClassifyRows } from '../../activities/classify-rows';
import { createProveBackup } from '../../activities/prove-backup';
import { createUnhide } from '../../activities/unhide';
import { createVerifyDropped } from '../../activities/verify-dropped';
import { obstacles } from '../../contract/findings';
import { frozenState } from '../../sql/freeze';
import { readState } from '../support/database-state';
import { approveRollback, wayBackOf } from '../support/dropped';
import { wholeTables } from '../support/plan-kinds';
import { dropNow, takeOutOfUse, type Prepared } from '../support/ready-to-drop';
import { newRun, openSampleEnvironment, type SampleEnvironment } from '../support/sample-environment';
import { whileServing } from '../support/while-serving';

// Whole tables: nothing replaces them, and their rows are kept by their primary key.

const { plan, planDigest, schema } = wholeTables;

let stage: SampleEnvironment;
let prepared: Prepared;
let before: object;
beforeEach(async () => {
  stage = await openSampleEnvironment();
  for (const sql of schema) await query(sql);
  before = await seen();
  prepared = { run: newRun(), plan, planDigest, backup: 'none' };
});
afterEach(() => stage.close());

const query = (sql: string) => stage.database.query(sql);
async function seen(): Promise<object> {
  const { structure, rows } = await readState(stage.database);
  const next = await query(`select nextval(pg_get_serial_sequence('visits', 'id')) > max(id) as free from visits`);
  return { structure, rows: rows.filter(({ schema: of }) => of !== 'rubicon'), next };
}

async function backUp(): Promise<void> {
  prepared.backup = (await createBackup({ environment: stage.find })(prepared)).id;
  await createProveBackup({ environment: stage.find })({ run: prepared.run, id: prepared.backup });
}

const assess = () => wayBackOf(stage).assessRollback({ target: 'agent-api', rollout: prepared.run.workflowId });
const checkStructure = () =>
  createCheckStructure({ environment: stage.find })({ target: 'agent-api', ...plan, queries: [], dropped: false });

async function takeBack(): Promise<void> {
  const { restoreColumns, fillColumns, finishRestore, endGuard } = wayBackOf(stage);
  const input = await approveRollback(stage, prepared, { lossy: false });
  for (const _ of [1, 2]) await restoreColumns(input); // each is safe to run again
  for (const _ of [1, 2]) await fillColumns(input);
  for (const _ of [1, 2]) expect(obstacles(await finishRestore(input))).toEqual([]);
  await whileServing(stage, plan.release.from, async () => expect(obstacles(await endGuard(input))).toEqual([]));
}

test('there and back: two tables that point at each other are exactly as they were', async () => {
  await backUp();
  await query(`insert into visits (tenant) values (77)`);
  before = await seen();
  await dropNow(stage, prepared);
  const verified = await createVerifyDropped({ environment: stage.find })({ target: 'agent-api', ...plan });
  expect(obstacles(verified.filter(({ check }) => check.startsWith('table')))).toEqual([]);
  expect(
    await query(
      `select to_regclass('visits') as a, to_regclass('rubicon_hidden_visits') as b, to_regclass('old."Pages"') as c`,
    ),
  ).toEqual([{ a: null, b: null, c: null }]);

  await expect(assess()).resolves.toMatchObject({ loss: { rows: 0 }, restorable: { rows: 602 } });
  await takeBack();
  expect(await seen()).toEqual(before);
  await expect(query(`insert into visits (tenant, page) values (1, 'unknown page')`)).rejects.toThrow(/page_of/);
});

test('what has changed since does not stop it: a role is gone, and what rows point at', async () => {
  await query('create role reader_of_visits');
  await query('grant select on visits to reader_of_visits');
  await query('grant select (page) on visits to public');
  await backUp();
  await dropNow(stage, prepared);
  await query('drop role reader_of_visits');
  await query('delete from sessions where id in (select id from sessions limit 1)'); // all visits pointed at it
  await query('create table lead (id int)');
  const { restoreColumns, fillColumns, finishRestore } = wayBackOf(stage);
  const input = await approveRollback(stage, prepared, { lossy: false });
  await restoreColumns(input);
  const seenByOthers = `select relrowsecurity as yes from pg_class where oid = 'old."Pages"'::regclass`;
  expect(await query(seenByOthers)).toEqual([{ yes: true }]); // before it has a row or a policy
  await fillColumns(input);
  const next = { ...(await approveRollback(stage, prepared, { lossy: false })) }; // another rollback, after the first one died
  await restoreColumns(next);
  await fillColumns(next);
  const findings = await finishRestore(next);
  expect(obstacles(findings)).toEqual([]);
  expect(findings.filter(({ status }) => status === 'not covered')).toMatchObject([
    { check: 'foreign key visits_session_fkey of visits', found: expect.stringContaining('NOT VALID') },
  ]);
  const [kept] = await query('select count(*)::int from visits');
  expect(kept).toEqual({ count: 301 });
});

test('a sequence goes on where it was, whatever rows are there', async () => {
  await query(`select setval(pg_get_serial_sequence('visits', 'id'), 5000)`);
  await backUp();
  await query(`select setval(pg_get_serial_sequence('visits', 'id'), 6000)`);
  await dropNow(stage, prepared);
  await takeBack();
  expect(await query(`insert into visits (tenant) values (1) returning id::int`)).toEqual([{ id: 6001 }]);
});

test('rows are counted; every write is refused, and reading goes on; put back, it is as it was', async () => {
  const classify = createClassifyRows({ environment: stage.find });
  const { rows, findings } = await classify({ target: 'agent-api', ...plan, newReleaseServes: false });
  expect(rows).toMatchObject([
    { table: 'old.Pages', total: 300, match: 300, byRow: true },
    { table: 'visits', total: 301, match: 301, byRow: true },
  ]);
  expect(obstacles(findings)).toEqual([]);
  expect(obstacles(await checkStructure())).toEqual([]);
  await backUp();
  await takeOutOfUse(stage, prepared);
  const refused = { code: frozenState };
  await expect(query('update rubicon_hidden_visits set tenant = 1 where false')).rejects.toMatchObject(refused);
  await expect(query('truncate rubicon_hidden_visits')).rejects.toMatchObject(refused);
  await expect(query('select from visits')).rejects.toMatchObject({ code: '42P01' });
  await query('select from rubicon_hidden_visits limit 1');
  await expect(createUnhide({ environment: stage.find })(prepared)).resolves.toEqual([
    'tables have their names back: visits, old.Pages',
    'freeze ended',
  ]);
  expect(await seen()).toEqual(before);
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
    await query(sql);
  const found = obstacles(await checkStructure()).map(({ check }) => check);
  expect(found).toEqual([
    'table column public.rows_of.v',
    'table constraint follow_visit_fkey on public.follow',
    'view public.seen',
    'child table public.child',
    'foreign key visits_session_fkey1 of public.visits',
    'function public.count_visits()',
    'publication all_of',
  ]);
});
