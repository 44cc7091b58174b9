import type { PostgresClient } from '../adapters/postgres';
import { removalsOf } from '../contract/removals';
import type { Plan } from '../contract/plan';
import { findGuard, guardTriggers } from '../sql/guard';

/** Whether columns of the plan are being put back: by the catalogue, until the last effect of a rollback. */
export async function isGuarded(client: PostgresClient, plan: Pick<Plan, 'removes'>): Promise<boolean> {
  for (const removal of removalsOf(plan)) {
    const names = Object.values(guardTriggers(removal));
    const { rows } = await client.query(findGuard, [removal.schema, removal.table, names]);
    if (rows.length > 0) return true;
  }
  return false;
}
