import type { PostgresClient } from '../adapters/postgres';
import { firstPage, walkPages } from '../adapters/postgres-pages';
import { runStatements } from '../adapters/postgres-statements';
import { withTransaction } from '../adapters/postgres-transaction';
import { permanent } from '../contract/failures';
import { removalsOf } from '../contract/plan';
import type { Plan, Removal } from '../contract/plan';
import type { EnvironmentActivities } from '../contract/steps';
import type { FillReceipt } from '../contract/world';
import { countOpenRows, fillBatchRows, fillRange, sentinelRange, skipTriggers } from '../sql/fill';
import { requireProven } from './backup-folder';
import { loadBackupKeys } from './backup-keys';
import { withDatabase } from './database';
import { withHeartbeat } from './heartbeat';
import { readRow } from './look-at-world';
import { requireRightServer } from './point-of-no-return';
import { requireAllowed, requireOwnDigest } from './rollback-decisions';
import type { RestoreDeps } from './rollback-decisions';

/**
 * Gives every row with a hash its key from the restored backup, or a sentinel that is nobody's key. Guards against rows
 * that a release which reads the key would show to everybody.
 *
 * Safe to run again, and has to be: rows that were written meanwhile are filled too, filled ones are left alone.
 */
export function createFillColumns(deps: RestoreDeps): EnvironmentActivities['fillColumns'] {
  return (input) =>
    withHeartbeat(async (signal) => {
      const startedAt = performance.now();
      const environment = deps.environment(input.run.target);
      requireOwnDigest(input);
      const receipt = await withDatabase(
        environment,
        'fill',
        async (client) => {
          await requireRightServer(client, environment);
          const row = await readRow(client, input.rollout);
          if (row?.state !== 'dropped' && row?.state !== 'rolled-back') {
            const found = `found "${row?.state ?? 'no row'}"; nothing was changed`;
            throw permanent('WrongWorld', `expected a rollout that has dropped, ${found}`);
          }
          await requireAllowed(client, deps, environment, input);
          if ((await openRows(client, input.plan)) === 0) return { filled: 0, sentinels: 0 };
          const record = await requireProven(environment, input.backup, input.planDigest);
          await loadBackupKeys(client, environment, record, signal);
          return fillAll(client, input.plan, signal);
        },
        signal,
      );
      return { ...receipt, tookMs: Math.round(performance.now() - startedAt) };
    });
}

/** Rows with a hash and no key. */
async function openRows(client: PostgresClient, plan: Pick<Plan, 'removes'>): Promise<number> {
  let count = 0;
  for (const removal of removalsOf(plan)) {
    const { rows } = await client.query<{ count: number }>(countOpenRows(removal));
    count += rows[0]?.count ?? 0;
  }
  return count;
}

type Filled = Omit<FillReceipt, 'tookMs'>;

/** Rows that move meanwhile can be missed by a walk; a second one finds them. */
const walks = 3;

async function fillAll(client: PostgresClient, plan: Pick<Plan, 'removes'>, signal: AbortSignal): Promise<Filled> {
  const sum: Filled = { filled: 0, sentinels: 0 };
  const { rows } = await client.query<{ may: boolean }>(
    `select has_parameter_privilege('session_replication_role', 'set') as may`,
  );
  const first = rows[0]?.may === true ? [skipTriggers] : [];
  for (let walk = 1; walk <= walks; walk += 1) {
    for (const removal of removalsOf(plan)) {
      await walkPages(client, removal, { rows: fillBatchRows }, firstPage, async ({ relation, from, to }) => {
        signal.throwIfAborted();
        const changed = await withTransaction(client, { idleInTransactionTimeoutMs: 5_000 }, async () => {
          await runStatements(client, first);
          return fillOne(client, removal, relation, [from, to]);
        });
        sum.filled += changed.filled;
        sum.sentinels += changed.sentinels;
      });
    }
    if ((await openRows(client, plan)) === 0) break;
  }
  return sum;
}

async function fillOne(
  client: PostgresClient,
  removal: Removal,
  relation: string,
  range: [string, string],
): Promise<Filled> {
  const filled = await client.query(fillRange(removal, relation).sql, range);
  const sentinels = await client.query(sentinelRange(removal, relation).sql, range);
  return { filled: filled.rowCount, sentinels: sentinels.rowCount };
}
