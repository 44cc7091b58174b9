import { obstacles } from '../../../contract/run/findings';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { oneTenant } from '../../support/inputs/plan-kinds';
import { dropNow } from '../../support/stages/ready-to-drop';
import { tenantCounts } from '../../support/looks/tenant-counts';

// The rows of one tenant: they are moved out of sight in batches, and the drop is that of the table they are in.

let at: KindStage;
beforeEach(async () => {
  at = await openKindStage(oneTenant);
});
afterEach(() => at.stage.close());

const rowsOfOthers = () =>
  at.query(
    `select (select md5(string_agg(o::text, ',' order by id)) from orders o where tenant <> 42) as orders,
       (select md5(string_agg(i::text, ',' order by order_id, "Line")) from order_items i where tenant <> 42) as items`,
  );

test('there and back: the rows of one tenant go and come, no other is touched, and the application sees no change', async () => {
  await at.backUp();
  await at.query(`insert into orders (tenant, note) values (42, 'after the backup')`);
  const others = await rowsOfOthers();
  await dropNow(at.stage, at.prepared);
  expect(await tenantCounts(at)).toEqual({ orders: 0, all: 4667, items: 0, audited: 7001 });
  expect(await rowsOfOthers()).toEqual(others);
  const verified = await at.verifyDropped();
  expect(obstacles(verified.filter(({ check }) => check.startsWith('rows')))).toEqual([]);
  expect(await at.query(`select relname from pg_class where relname like 'rubicon_hidden%'`)).toEqual([]);

  await at.query('alter table orders add column since text default $$new$$'); // another migration, long after
  await at.query('alter table orders drop column tags');
  await expect(at.assess()).resolves.toMatchObject({ loss: { rows: 0 }, restorable: { rows: 2334 + 4666 } });
  await at.takeBack();
  expect(await tenantCounts(at)).toEqual({ orders: 2334, all: 7001, items: 4666, audited: 7001 });
  expect(await at.query(`select distinct since, twice::int from orders where tenant = 42`)).toEqual([
    { since: 'new', twice: 84 },
  ]);
});
