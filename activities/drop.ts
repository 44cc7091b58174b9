import type { PostgresClient } from '../adapters/postgres';
import { PostgresError } from '../adapters/postgres-error';
import { endSession, findBlockers, findSessions, withAdvisoryLock } from '../adapters/postgres-sessions';
import { runStatements } from '../adapters/postgres-statements';
import { withTransaction } from '../adapters/postgres-transaction';
import { stricter } from '../contract/decisions';
import { digestOf } from '../contract/digest';
import { toMs } from '../contract/duration';
import { permanent } from '../contract/failures';
import { removalsOf } from '../contract/plan';
import type { EnvironmentActivities } from '../contract/steps';
import type { DropReceipt } from '../contract/world';
import { dropStatements } from '../sql/drop';
import { openRollout, turnDropped } from '../sql/state';
import { requireProven } from './backup-folder';
import { withDatabase } from './database';
import { requireDecisions } from './decisions-at-effect';
import type { Environment, FindEnvironment } from './environment';
import { withHeartbeat } from './heartbeat';
import { dataState, readRow } from './look-at-world';
import { requireRightServer, requireTolerableRows } from './point-of-no-return';
import type { Electorate } from './voters';
import { winLock } from './win-lock';

export interface DropDeps {
  environment: FindEnvironment;
  /** Only the production worker has it; a drop in production without it refuses. */
  electorate?: Electorate;
}

type Order = Parameters<EnvironmentActivities['drop']>[0];

/**
 * Point-of-no-return check, DDL, revision and state row in one transaction. Guards against everything that can't be
 * taken back: a drop without valid decisions, twice, after an abort, on another server, without a proven backup.
 *
 * Safe to run again: the state row turns from `open` to `dropped` in the transaction of the DDL, so a second run finds
 * it and changes nothing; a backend that a dead worker left behind is ended before anything is done. Only the lock is
 * tried for in here, with a short `lock_timeout` each, since everybody else waits behind a waiting ALTER.
 */
export function createDrop(deps: DropDeps): EnvironmentActivities['drop'] {
  return (order) =>
    withHeartbeat(async (signal) => {
      const environment = deps.environment(order.run.target);
      if (digestOf(order.plan) !== order.planDigest) {
        throw permanent('WrongWorld', 'expected the plan that was approved, found another digest; nothing was changed');
      }
      const givesUpAfterMs = toMs(order.plan.durations.dropGivesUp);
      return winLock({ what: 'the drop', givesUpAfterMs, signal }, (attempts) =>
        withDatabase(environment, 'drop', (client) => fenced(client, deps, environment, order, attempts)),
      );
    });
}

/** Alone on this target's drop: advisory lock on the acting connection, older backends of ours ended. */
async function fenced(
  client: PostgresClient,
  deps: DropDeps,
  environment: Environment,
  order: Order,
  attempts: number,
): Promise<DropReceipt> {
  const name = await client.query<{ name: string }>(`select current_setting('application_name') as name`);
  for (const left of await findSessions(client, name.rows[0]?.name ?? '')) await endSession(client, left);
  const locked = await withAdvisoryLock(client, `rubicon drop ${order.run.target}`, async () => {
    const row = await readRow(client, order.run);
    if (row?.state === 'dropped' && (await dataState(client, order.plan)) === 'dropped') {
      return { droppedAt: row.changedAt, statements: [], attempts, heldMs: 0 };
    }
    await requireTolerableRows(client, order.plan);
    await requireProven(environment, order.backup, order.planDigest);
    return commitDrop(client, deps, environment, order, attempts);
  });
  if (locked.locked) return locked.value;
  const holder = `session ${locked.holder?.pid ?? '?'} at work`;
  throw new PostgresError(`expected no other drop of this target, found ${holder}`, undefined, 'retry');
}

async function commitDrop(
  client: PostgresClient,
  deps: DropDeps,
  environment: Environment,
  order: Order,
  attempts: number,
): Promise<DropReceipt> {
  const lockTimeoutMs = toMs(order.plan.durations.lockTimeout);
  const statements = dropStatements(order.plan);
  const { workflowId, firstRun } = order.run;
  let heldSince = 0;
  const limits = {
    lockTimeoutMs,
    deadlockTimeoutMs: Math.max(10, lockTimeoutMs / 4),
    statementTimeoutMs: 30_000,
    idleInTransactionTimeoutMs: 5_000,
  };
  try {
    await withTransaction(client, limits, async () => {
      await requireRightServer(client, environment);
      await allow(client, deps, environment, order);
      const turned = await client.query(turnDropped, [workflowId, firstRun, order.planDigest]);
      if (turned.rowCount !== 1) {
        const found = (await readRow(client, order.run))?.state ?? 'no row';
        throw permanent(
          'WrongWorld',
          `expected the state row of this run to be "open", found "${found}"; nothing was changed`,
        );
      }
      heldSince = performance.now();
      await runStatements(client, statements);
    });
  } catch (error) {
    throw await withBlockers(client, order, error);
  }
  return {
    droppedAt: new Date().toISOString(),
    statements: statements.map(({ sql }) => sql),
    attempts,
    heldMs: Math.round(performance.now() - heldSince),
  };
}

/** Production: codes, quorum, expiry, policy and requesters of the state row. Staging decides by itself. */
async function allow(
  client: PostgresClient,
  { electorate }: DropDeps,
  environment: Environment,
  order: Order,
): Promise<void> {
  const { run, plan, planDigest, gate, votes } = order;
  if (environment.name === 'staging') {
    await client.query(openRollout, [run.workflowId, run.firstRun, run.target, planDigest, 'staging', []]);
    return;
  }
  if (electorate === undefined) throw permanent('NotDecided', 'expected the approval key, found none on this worker');
  const row = await readRow(client, run);
  await requireDecisions(client, electorate, {
    ...{ run, planDigest, gate, votes, name: 'production', purpose: 'approve' },
    requesters: row?.requesters ?? [],
    needs: stricter(plan.approvals, electorate.policy.approvals),
  });
}

/** Names who is in the way: pid, user, application, age. No statement, since it can hold values. */
async function withBlockers(client: PostgresClient, { plan }: Order, error: unknown): Promise<unknown> {
  if (!(error instanceof PostgresError) || error.reaction !== 'retry') return error;
  const blockers = await findBlockers(client, removalsOf(plan)).catch(() => []);
  const named = blockers.map(
    ({ pid, user, application, state, transactionAgeMs }) =>
      `pid ${pid} of ${user ?? '?'} (${application ?? '?'}, ${state ?? '?'}, for ${Math.round((transactionAgeMs ?? 0) / 1_000)} s)`,
  );
  if (named.length === 0) return error;
  return new PostgresError(
    `${error.message}; in the way: ${named.slice(0, 5).join(', ')}`,
    error.sqlstate,
    error.reaction,
  );
}
