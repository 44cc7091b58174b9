import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { ValueRemoval } from '../../contract/plan/removal';
import { withValues } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import { begunTrigger, findGuard, guardTriggers } from '../../sql/write-guard';

/** Whether columns of the plan are being put back: by the catalogue, until the last effect of a rollback. */
export const isGuarded = (client: PostgresClient, plan: Pick<Plan, 'removes'>): Promise<boolean> =>
  hasAny(client, plan, (removal) => Object.values(guardTriggers(removal)));

/** Whether a platform's tool was told to build them: a mark of staging's rehearsal, until its end. */
export const isBegun = (client: PostgresClient, plan: Pick<Plan, 'removes'>): Promise<boolean> =>
  hasAny(client, plan, (removal) => [begunTrigger(removal)]);

async function hasAny(
  client: PostgresClient,
  plan: Pick<Plan, 'removes'>,
  namesOf: (removal: ValueRemoval) => string[],
): Promise<boolean> {
  for (const removal of withValues(plan)) {
    const { rows } = await client.query(findGuard, [removal.schema, removal.table, namesOf(removal)]);
    if (rows.length > 0) return true;
  }
  return false;
}
