import type { PostgresClient } from '../../adapters/postgres/postgres';
import { findLockable } from '../../adapters/catalogue/lockable';
import { setStatementTimeout } from '../../adapters/postgres/transaction';
import { toMs } from '../../contract/text/duration';
import type { Plan } from '../../contract/plan/plan';
import { removalsOf } from '../../contract/plan/removals';
import { verbsOf } from '../../sql/kinds/kinds';
import { lockTables, possibleRelations, type LockMode } from '../../sql/lock';
import { ddlStatementTimeoutMs } from './acquire-with-retry';

/** So that for a single table it is `lock_timeout` that runs out, whose error says so. */
const graceMs = 50;

/**
 * Locks the plan's tables for the rest of the transaction, all of them within the plan's `lockTimeout` and a little more.
 * `lock_timeout` alone holds for each table, while whoever needs the first one has begun to wait already.
 */
export async function lockAllTables(
  client: PostgresClient,
  plan: Pick<Plan, 'removes' | 'durations'>,
  mode: LockMode,
): Promise<void> {
  const there = await findLockable(client, possibleRelations(plan));
  if (there.length === 0) return; // tables that went as a whole
  await setStatementTimeout(client, toMs(plan.durations.lockTimeout) + graceMs);
  await client.query(lockTables(there, mode));
  await setStatementTimeout(client, ddlStatementTimeoutMs);
}

/** The same for a change of names: nobody waits who only reads and writes, where the server needs no more. */
export async function lockForNames(client: PostgresClient, plan: Pick<Plan, 'removes' | 'durations'>): Promise<void> {
  const [first] = removalsOf(plan);
  await lockAllTables(client, plan, (first && verbsOf(first).namingLock) ?? 'access exclusive');
}
