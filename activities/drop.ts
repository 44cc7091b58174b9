import type { PostgresClient } from '../adapters/postgres';
import { PostgresError } from '../adapters/postgres-error';
import { endSession, findSessions, withAdvisoryLock } from '../adapters/postgres-sessions';
import { runStatements } from '../adapters/postgres-statements';
import { withTransaction } from '../adapters/postgres-transaction';
import { stricter } from '../contract/decisions';
import { digestOf } from '../contract/digest';
import { toMs } from '../contract/duration';
import { permanent } from '../contract/failures';
import { removalsOf } from '../contract/plan';
import type { Plan } from '../contract/plan';
import type { EnvironmentActivities } from '../contract/steps';
import type { DropReceipt } from '../contract/world';
import { dropStatements } from '../sql/drop';
import { openRollout, turnDropped } from '../sql/state';
import { withDatabase } from './database';
import { requireDecisions } from './decisions-at-effect';
import type { Environment, FindEnvironment } from './environment';
import { withHeartbeat } from './heartbeat';
import { dataState, readRow } from './look-at-world';
import { namingBlockers } from './name-blockers';
import { requireRightServer, requireTolerableRows } from './point-of-no-return';
import { requireProven } from './proven-backup';
import type { Electorate } from './voters';
import { ddlLimits, winLock } from './win-lock';

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
      const ready = onceAMinute(async (client) => {
        await requireProven(environment, order.backup, order.planDigest, signal);
        await requireTolerableRows(client, order.plan, signal);
      });
      return winLock({ what: 'the drop', givesUpAfterMs, signal }, (attempts) =>
        withDatabase(environment, 'drop', (client) => {
          const commit = () => commitDrop(client, deps, environment, order);
          return alone(client, order, attempts, async () => {
            await ready(client);
            return { ...(await commit()), attempts };
          });
        }),
      );
    });
}

type Ready = (client: PostgresClient) => Promise<void>;

/** Both looks can take minutes, and an attempt that waits for its lock takes a fraction of a second. */
function onceAMinute(look: Ready): Ready {
  let lookedAt = -Infinity;
  return async (client) => {
    if (performance.now() - lookedAt < 60_000) return;
    await look(client);
    lookedAt = performance.now();
  };
}

/**
 * Alone on this target's drop, by an advisory lock on the acting connection; not at all if it is done already. The first
 * attempt ends what a dead worker left behind.
 */
async function alone(
  client: PostgresClient,
  { run, plan }: Order,
  attempts: number,
  drop: () => Promise<DropReceipt>,
): Promise<DropReceipt> {
  if (attempts === 1) {
    const { rows } = await client.query<{ name: string }>(`select current_setting('application_name') as name`);
    for (const left of await findSessions(client, rows[0]?.name ?? '')) await endSession(client, left);
  }
  const locked = await withAdvisoryLock(client, `rubicon drop ${run.target}`, async () => {
    const row = await readRow(client, run);
    if (row?.state !== 'dropped' || (await dataState(client, plan)) !== 'dropped') return drop();
    return { droppedAt: row.changedAt, statements: textsOf(plan), attempts, heldMs: 0 };
  });
  if (locked.locked) return locked.value;
  const holder = `session ${locked.holder?.pid ?? '?'} at work`;
  throw new PostgresError(`expected no other drop of this target, found ${holder}`, undefined, 'retry');
}

const textsOf = (plan: Plan): string[] => dropStatements(plan).map(({ sql }) => sql);

async function commitDrop(
  client: PostgresClient,
  deps: DropDeps,
  environment: Environment,
  order: Order,
): Promise<Omit<DropReceipt, 'attempts'>> {
  const { run, plan, planDigest } = order;
  let heldSince = 0;
  const droppedAt = await namingBlockers(client, removalsOf(plan), () =>
    withTransaction(client, ddlLimits(plan), async () => {
      await requireRightServer(client, environment);
      await allow(client, deps, environment, order);
      const turned = await client.query(turnDropped, [run.workflowId, run.firstRun, planDigest]);
      const row = await readRow(client, run);
      if (turned.rowCount !== 1 || row === undefined) {
        const found = row === undefined ? 'none' : `"${row.state}" for plan ${row.planDigest.slice(0, 12)}`;
        const expected = `"open" for plan ${planDigest.slice(0, 12)}`;
        throw permanent('WrongWorld', `expected the state row ${expected}, found ${found}; nothing was changed`);
      }
      heldSince = performance.now();
      await runStatements(client, dropStatements(plan));
      return row.changedAt;
    }),
  );
  return { droppedAt, statements: textsOf(plan), heldMs: Math.round(performance.now() - heldSince) };
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
