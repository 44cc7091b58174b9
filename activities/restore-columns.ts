import type { PostgresClient } from '../adapters/postgres';
import { runStatements } from '../adapters/postgres-statements';
import { withTransaction } from '../adapters/postgres-transaction';
import { toMs } from '../contract/duration';
import { permanent } from '../contract/failures';
import type { EnvironmentActivities, RestoreInput } from '../contract/steps';
import { columnStatements } from '../sql/restore';
import { findChallenge } from '../sql/state';
import { requireProven } from './backup-folder';
import type { BackupRecord } from './backup-folder';
import { withDatabase } from './database';
import type { Environment } from './environment';
import { withHeartbeat } from './heartbeat';
import { dataState, readRow } from './look-at-world';
import { requireRightServer } from './point-of-no-return';
import { allowRollback, requireAllowed, requireOwnDigest } from './rollback-decisions';
import type { RestoreDeps } from './rollback-decisions';
import { winLock } from './win-lock';

/**
 * Adds the dropped columns with their captured definitions, empty: one transaction with the check of the decisions, so
 * that a decision is used exactly once. Guards against a rollback that nobody has decided, of another rollout, and with
 * another definition (the migration tool's own downgrade builds the wrong type).
 *
 * Safe to run again: columns that are there, and a challenge that is used, mean that it is done.
 */
export function createRestoreColumns(deps: RestoreDeps): EnvironmentActivities['restoreColumns'] {
  return (input) =>
    withHeartbeat(async (signal) => {
      const environment = deps.environment(input.run.target);
      requireOwnDigest(input);
      const record = await requireProven(environment, input.backup, input.planDigest);
      const givesUpAfterMs = toMs(input.plan.durations.dropGivesUp);
      return winLock({ what: 'the restoration of the columns', givesUpAfterMs, signal }, () =>
        withDatabase(environment, 'restore', (client) => restore(client, deps, environment, input, record)),
      );
    });
}

async function restore(
  client: PostgresClient,
  deps: RestoreDeps,
  environment: Environment,
  input: RestoreInput,
  { captured }: BackupRecord,
): Promise<string[]> {
  const { plan, rollout, gate } = input;
  const { rows: used } = await client.query(findChallenge, [gate.challenge]);
  if (used.length === 1 && (await dataState(client, plan)) === 'present') {
    await requireAllowed(client, deps, environment, input);
    return ['columns are there'];
  }
  const lockTimeoutMs = toMs(plan.durations.lockTimeout);
  const limits = {
    lockTimeoutMs,
    deadlockTimeoutMs: Math.max(10, lockTimeoutMs / 4),
    statementTimeoutMs: 30_000,
    idleInTransactionTimeoutMs: 5_000,
  };
  await withTransaction(client, limits, async () => {
    await requireRightServer(client, environment);
    const row = await readRow(client, rollout);
    if (row?.state !== 'dropped') {
      const found = `found "${row?.state ?? 'no row'}"; nothing was changed`;
      throw permanent('WrongWorld', `expected the state row of ${rollout.workflowId} to be "dropped", ${found}`);
    }
    await allowRollback(client, deps, environment, input);
    await runStatements(client, captured.flatMap(columnStatements));
  });
  return captured.map(({ table, column, type }) => `${table}.${column} ${type}`);
}
