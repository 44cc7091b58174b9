import type { PostgresClient } from '../adapters/postgres';
import { setStatementTimeout } from '../adapters/postgres-transaction';
import { toMs } from '../contract/duration';
import type { Plan } from '../contract/plan';
import { lockTables } from '../sql/lock';
import { ddlStatementTimeoutMs } from './win-lock';

/** So that for a single table it is `lock_timeout` that runs out, whose error says so. */
const graceMs = 50;

/**
 * Locks the plan's tables for the rest of the transaction, all of them within the plan's `lockTimeout` and a little more.
 * `lock_timeout` alone holds for each table, while whoever needs the first one has begun to wait already.
 */
export async function lockAllTables(
  client: PostgresClient,
  plan: Pick<Plan, 'removes' | 'durations'>,
  mode: Parameters<typeof lockTables>[1],
): Promise<void> {
  await setStatementTimeout(client, toMs(plan.durations.lockTimeout) + graceMs);
  await client.query(lockTables(plan, mode));
  await setStatementTimeout(client, ddlStatementTimeoutMs);
}
