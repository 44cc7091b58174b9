import { findCopies } from '../../../activities/backup/copy-folder';
import { createClassifyRows } from '../../../activities/preflight/classify-rows';
import { createHide } from '../../../activities/removal/hide';
import { createUndoRemoval } from '../../../activities/removal/undo-removal';
import { obstacles } from '../../../contract/run/findings';
import { frozenState } from '../../../sql/freeze';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { oneTenant } from '../../support/inputs/plan-kinds';
import { takeOutOfUse, type Prepared } from '../../support/stages/ready-to-drop';
import { knownTo } from '../../support/inputs/known-plan';
import { electorate } from '../../support/stages/sample-environment';
import { tenantCounts } from '../../support/looks/tenant-counts';

// The rows of one tenant: they are moved out of sight in batches, and the drop is that of the table they are in.

const { plan } = oneTenant;
let at: KindStage;
beforeEach(async () => {
  at = await openKindStage(oneTenant);
});
afterEach(() => at.stage.close());

test('their writes are refused and all others go on; half hidden, they are hidden wholly, or put back', async () => {
  const before = await at.seen();
  const classify = createClassifyRows({ environment: at.stage.find });
  const { rows } = await classify({
    ...{ target: 'agent-api', newReleaseServes: false },
    ...(await knownTo(at.stage.environment, plan)),
  });
  expect(rows).toMatchObject([
    { table: 'order_items', total: 14000, match: 4666, byRow: true },
    { table: 'orders', total: 7000, match: 2333, byRow: true },
  ]);
  expect(obstacles(await at.checkStructure())).toEqual([]);
  const ready = await takeOutOfUse(at.stage, at.prepared);
  const refused = { code: frozenState };
  await expect(at.query('insert into orders (tenant) values (42)')).rejects.toMatchObject(refused);
  await expect(at.query('update orders set tenant = 42 where tenant = 1')).rejects.toMatchObject(refused);
  await expect(at.query('truncate order_items')).rejects.toMatchObject(refused);
  await at.query(`update orders set note = 'u' where tenant = 1 and id < 100`);
  await halfBack(ready); // as a worker leaves it that dies between two batches
  expect(await tenantCounts(at)).toMatchObject({ orders: 500 });
  await createHide({ environment: at.stage.find, electorate })(ready);
  expect(await tenantCounts(at)).toMatchObject({ orders: 0, items: 0 });
  await halfBack(ready);
  await expect(createUndoRemoval({ environment: at.stage.find })(ready)).resolves.toContain(
    'rows are back: orders where tenant = 42, order_items where tenant = 42',
  );
  await at.query('truncate audit'); // of the update above
  expect(await at.seen()).toMatchObject({ structure: before.structure });
  expect(await tenantCounts(at)).toEqual({ orders: 2333, all: 7000, items: 4666, audited: 0 });
});

async function halfBack({ run }: Prepared): Promise<void> {
  const [copy] = await findCopies(at.stage.environment, run);
  await at.query(
    `begin; set local session_replication_role = replica; set local rubicon.moving = '${copy?.receipt.freeze}';
     with b as (delete from rubicon_hidden_orders where id in (select id from rubicon_hidden_orders limit 500) returning *)
       insert into orders (id, tenant, note, tags, at) overriding system value select id, tenant, note, tags, at from b;
     commit`,
  );
}

test('a row that stays and points at one that goes is named, and so is what rows can not be moved without', async () => {
  await at.query('create table notes (order_id bigint references orders (id) on delete set null)');
  await at.query('insert into notes select id from orders where tenant = 42 limit 3');
  await at.query(`update order_items set tenant = 1 where order_id = 3 and "Line" = 1`);
  await at.query('drop index orders_tenant_idx');
  await at.query('create publication all_of for all tables');
  await at.query('alter table order_items drop constraint order_items_pkey');
  const found = await at.checkStructure();
  const isOfKeys = ({ check }: { check: string }): boolean => check.startsWith('foreign key');
  const named = obstacles(found).map(({ check, found: is }) => ({ check, is }));
  expect(named.filter(isOfKeys)).toEqual([
    { check: 'foreign key notes_order_id_fkey of notes', is: '3' },
    { check: 'foreign key order_items_order_id_fkey of order_items', is: '1' },
  ]);
  const replicated = (table: string) => ({
    check: `publication all_of of ${table}`,
    is: expect.stringContaining('takes each move of a row for a deletion') as string,
  });
  expect(named.filter((each) => !isOfKeys(each))).toEqual([
    { check: 'rollback by the primary key of order_items', is: 'none' },
    replicated('order_items, orders'),
  ]);
  expect(found.filter(({ status }) => status === 'not covered').map(({ check }) => check)).toContain(
    'index for the rows of orders',
  );
});
