import type { PostgresClient } from '../../adapters/postgres/postgres';
import { findColumns } from '../../adapters/catalogue/catalogue';
import { setStatementTimeout } from '../../adapters/postgres/transaction';
import { toMs } from '../../contract/text/duration';
import type { Plan } from '../../contract/plan/plan';
import { lockTables, possibleTables } from '../../sql/lock';
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
  const there = [];
  for (const table of possibleTables(plan)) if ((await findColumns(client, table)) !== undefined) there.push(table);
  if (there.length === 0) return; // tables that went as a whole
  await setStatementTimeout(client, toMs(plan.durations.lockTimeout) + graceMs);
  await client.query(lockTables(there, mode));
  await setStatementTimeout(client, ddlStatementTimeoutMs);
}
