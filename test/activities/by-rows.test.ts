import { createBackup } from '../../activities/backup';
import { createHide } from '../../activities/hide';
import { findCopies } from '../../activities/copy-folder';
import { createDrop } from '../../activities/drop';
import { createCheckStructure } from '../../activities/check-structure';
import { createClassifyRows } from '../../activities/classify-rows';
import { createProveBackup } from '../../activities/prove-backup';
import { createPutBack } from '../../activities/put-back';
import { createVerifyDropped } from '../../activities/verify-dropped';
import { obstacles } from '../../contract/findings';
import { frozenState } from '../../sql/freeze';
import { readState } from '../support/database-state';
import { approveRollback, wayBackOf } from '../support/dropped';
import { oneTenant } from '../support/plan-kinds';
import { dropNow, takeOutOfUse, type Prepared } from '../support/ready-to-drop';
import { electorate, newRun, openSampleEnvironment, type SampleEnvironment } from '../support/sample-environment';
import { whileServing } from '../support/while-serving';

// The rows of one tenant: they are moved out of sight in batches, and the drop is that of the table they are in.

const { plan, planDigest, schema } = oneTenant;

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
  return { structure, rows: rows.filter(({ schema: of }) => of !== 'rubicon') };
}
const counts = async () =>
  (
    await query(`select (select count(*)::int from orders where tenant = 42) as orders, (select count(*)::int from orders) as all,
     (select count(*)::int from order_items where tenant = 42) as items, (select count(*)::int from audit) as audited`)
  )[0];

const rowsOfOthers = () =>
  query(
    `select (select md5(string_agg(o::text, ',' order by id)) from orders o where tenant <> 42) as orders,
       (select md5(string_agg(i::text, ',' order by order_id, "Line")) from order_items i where tenant <> 42) as items`,
  );

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

test('there and back: the rows of one tenant go and come, no other is touched, and the application sees no change', async () => {
  await backUp();
  await query(`insert into orders (tenant, note) values (42, 'after the backup')`);
  const others = await rowsOfOthers();
  await dropNow(stage, prepared);
  expect(await counts()).toEqual({ orders: 0, all: 4667, items: 0, audited: 7001 });
  expect(await rowsOfOthers()).toEqual(others);
  const verified = await createVerifyDropped({ environment: stage.find })({ target: 'agent-api', ...plan });
  expect(obstacles(verified.filter(({ check }) => check.startsWith('rows')))).toEqual([]);
  expect(await query(`select relname from pg_class where relname like 'rubicon_hidden%'`)).toEqual([]);

  await query('alter table orders add column since text default $$new$$'); // another migration, long after
  await query('alter table orders drop column tags');
  await expect(assess()).resolves.toMatchObject({ loss: { rows: 0 }, restorable: { rows: 2334 + 4666 } });
  await takeBack();
  expect(await counts()).toEqual({ orders: 2334, all: 7001, items: 4666, audited: 7001 });
  expect(await query(`select distinct since, twice::int from orders where tenant = 42`)).toEqual([
    { since: 'new', twice: 84 },
  ]);
});

test('their writes are refused and all others go on; half hidden, they are hidden wholly, or put back', async () => {
  const classify = createClassifyRows({ environment: stage.find });
  const { rows } = await classify({ target: 'agent-api', ...plan, newReleaseServes: false });
  expect(rows).toMatchObject([
    { table: 'order_items', total: 14000, match: 4666, byRow: true },
    { table: 'orders', total: 7000, match: 2333, byRow: true },
  ]);
  expect(obstacles(await checkStructure())).toEqual([]);
  await backUp();
  const ready = await takeOutOfUse(stage, prepared);
  const refused = { code: frozenState };
  await expect(query('insert into orders (tenant) values (42)')).rejects.toMatchObject(refused);
  await expect(query('update orders set tenant = 42 where tenant = 1')).rejects.toMatchObject(refused);
  await expect(query('truncate order_items')).rejects.toMatchObject(refused);
  await query(`update orders set note = 'u' where tenant = 1 and id < 100`);
  await halfBack(ready); // as a worker leaves it that dies between two batches
  expect(await counts()).toMatchObject({ orders: 500 });
  await createHide({ environment: stage.find, electorate })(ready);
  expect(await counts()).toMatchObject({ orders: 0, items: 0 });
  await halfBack(ready);
  await expect(createPutBack({ environment: stage.find })(ready)).resolves.toContain(
    'rows are back: orders where tenant = 42, order_items where tenant = 42',
  );
  await query('truncate audit'); // of the update above
  expect(await seen()).toMatchObject({ structure: (before as { structure: object }).structure });
  expect(await counts()).toEqual({ orders: 2333, all: 7000, items: 4666, audited: 0 });
});

async function halfBack({ run }: Prepared): Promise<void> {
  const [copy] = await findCopies(stage.environment, run);
  await query(
    `begin; set local session_replication_role = replica; set local rubicon.moving = '${copy?.receipt.freeze}';
     with b as (delete from rubicon_hidden_orders where id in (select id from rubicon_hidden_orders limit 500) returning *)
       insert into orders (id, tenant, note, tags, at) overriding system value select id, tenant, note, tags, at from b;
     commit`,
  );
}

test('rows that are written after the drop are others: it stays dropped, and comes back beside them', async () => {
  await backUp();
  const ready = await takeOutOfUse(stage, prepared);
  await createDrop({ environment: stage.find, electorate })(ready);
  await query(`insert into orders (tenant, note) values (42, 'a new life')`);
  await expect(createDrop({ environment: stage.find, electorate })(ready)).resolves.toMatchObject({ heldMs: 0 });
  const verified = await createVerifyDropped({ environment: stage.find })({ target: 'agent-api', ...plan });
  expect(verified).toContainEqual(expect.objectContaining({ check: 'rows of orders that go', status: 'not covered' }));
  await query('insert into orders (id, tenant) overriding system value values (3, 1)'); // it takes the key of one
  await expect(assess()).resolves.toMatchObject({
    world: { data: 'dropped' },
    loss: { rows: 1 },
    restorable: { rows: 6998 },
  });
});

test('hidden rows are read by nobody else, and what they point at and was deleted meanwhile is told', async () => {
  await query('create table tenants (id int primary key)');
  await query('insert into tenants select distinct tenant from orders');
  await query('alter table orders add foreign key (tenant) references tenants (id)');
  await backUp();
  const ready = await takeOutOfUse(stage, prepared);
  expect(await query(`select relrowsecurity as closed from pg_class where relname ~ '^rubicon_hidden_'`)).toEqual([
    { closed: true },
    { closed: true },
  ]);
  await query('delete from tenants where id = 42');
  await query('alter table orders disable trigger rubicon_freeze_rows_delete'); // and somebody lays hands on the freeze
  await expect(createPutBack({ environment: stage.find })(ready)).resolves.toContain(
    '2333 rows of orders point at nothing by orders_tenant_fkey of orders: deleted while they were hidden',
  );
  expect(await counts()).toMatchObject({ orders: 2333, items: 4666, audited: 7000 });
});

test('a row that stays and points at one that goes is named, and so is what rows can not be moved without', async () => {
  await query('create table notes (order_id bigint references orders (id) on delete set null)');
  await query('insert into notes select id from orders where tenant = 42 limit 3');
  await query(`update order_items set tenant = 1 where order_id = 3 and "Line" = 1`);
  await query('drop index orders_tenant_idx');
  await query('create publication all_of for all tables');
  await query('alter table order_items drop constraint order_items_pkey');
  const found = await checkStructure();
  const isOfKeys = ({ check }: { check: string }): boolean => check.startsWith('foreign key');
  const named = obstacles(found).map(({ check, found: is }) => ({ check, is }));
  expect(named.filter(isOfKeys)).toEqual([
    { check: 'foreign key notes_order_id_fkey of notes', is: '3' },
    { check: 'foreign key order_items_order_id_fkey of order_items', is: '1' },
  ]);
  const replicated = {
    check: 'publication all_of',
    is: expect.stringContaining('takes each move for a deletion') as string,
  };
  expect(named.filter((each) => !isOfKeys(each))).toEqual([
    { check: 'way back by the primary key of order_items', is: 'none' },
    replicated,
    replicated,
  ]);
  expect(found.filter(({ status }) => status === 'not covered').map(({ check }) => check)).toContain(
    'index for the rows of orders',
  );
});
