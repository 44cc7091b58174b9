import type { KindStage } from '../stages/kind-stage';

/** Of the plan `oneTenant`: how many rows there are of the tenant that goes, and how many at all. */
export const tenantCounts = async ({ query }: KindStage) =>
  (
    await query(`select (select count(*)::int from orders where tenant = 42) as orders, (select count(*)::int from orders) as all,
     (select count(*)::int from order_items where tenant = 42) as items, (select count(*)::int from audit) as audited`)
  )[0];
