import { setTimeout as pause } from 'node:timers/promises';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import type { TransactionOptions } from '../../adapters/postgres/transaction';
import { toMs } from '../../contract/text/duration';
import { permanent } from '../../contract/run/failures';
import type { Plan } from '../../contract/plan/plan';

/** One statement of DDL, once the locks are won. */
export const ddlStatementTimeoutMs = 30_000;

/** Limits of a transaction with DDL: while it waits for a lock, everybody else waits behind it. */
export function ddlLimits({ durations }: { durations: Pick<Plan['durations'], 'lockTimeout'> }): TransactionOptions {
  const lockTimeoutMs = toMs(durations.lockTimeout);
  return {
    lockTimeoutMs,
    deadlockTimeoutMs: Math.max(10, lockTimeoutMs / 4), // ends a running autovacuum, which would win otherwise
    statementTimeoutMs: ddlStatementTimeoutMs,
    idleInTransactionTimeoutMs: 2_000, // everybody waits for a worker that is frozen in here
    synchronousCommit: 'local', // everybody would wait for the standby, too
  };
}

/**
 * For a lock that makes no reader wait, such as that of `validate constraint` or of one row: longer than the plan's
 * `lockTimeout`, which is for those behind whom everybody waits.
 */
export const besideReadersLockMs = 5_000;

/** What a lock is tried for, and for how long. Batches of rows have limits of their own: `batch-limits.ts`. */
export interface LockOrder {
  /** For the message: `the drop`. */
  what: string;
  /** No attempt is begun later; one that runs goes to its end. */
  givesUpAfterMs: number;
  signal: AbortSignal;
  /** Every attempt is made in one session: when that is lost, no further one can succeed. Default false. */
  oneSession?: boolean;
}

/** DDL of this plan: tried for as long as the plan says, by each step anew. */
export const ddlOrder = (
  { durations }: { durations: Pick<Plan['durations'], 'lockGivesUp'> },
  order: Omit<LockOrder, 'givesUpAfterMs'>,
): LockOrder => ({ ...order, givesUpAfterMs: toMs(durations.lockGivesUp) });

/**
 * Tries again for as long as DDL does not win its lock. Each try is short (`lock_timeout`), since everybody else waits
 * behind a waiting ALTER; between two tries the others get through. What `attempt` does must look first what is there:
 * the outcome of an earlier try may be unclear.
 *
 * @throws `LockNotAcquired` at the end; `RefusedByServer` for what no further try can mend; what `attempt` throws otherwise
 */
export async function acquireWithRetry<T>(order: LockOrder, attempt: (attempts: number) => Promise<T>): Promise<T> {
  const { what, givesUpAfterMs, signal, oneSession = false } = order;
  const givesUpAt = Date.now() + givesUpAfterMs;
  for (let attempts = 1; ; attempts += 1) {
    signal.throwIfAborted();
    try {
      return await attempt(attempts);
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error;
      if (error.reaction !== 'retry' && error.reaction !== 'probe') {
        throw permanent('RefusedByServer', `${what} was refused, nothing was changed: ${error.message}`);
      }
      if (Date.now() >= givesUpAt || (oneSession && error.reaction === 'probe')) throw gaveUp(what, error, attempts);
    }
    await pause(backOffMs(attempts), undefined, { signal });
  }
}

/** A lost connection leaves open what has happened; a lock that was not won does not. */
function gaveUp(what: string, error: PostgresError, attempts: number): Error {
  if (error.reaction === 'probe') {
    const unclear = `${what}: expected an answer, found that the connection was lost: ${error.message}`;
    return new PostgresError(`${unclear}; what happened is not known; answer "retry", which looks first`, {
      sqlstate: error.sqlstate,
    });
  }
  return permanent(
    'LockNotAcquired',
    `could not acquire the lock within the plan's time in ${attempts} tries; nothing was changed: ${error.message}; end the blocking session, then answer "retry"`,
  );
}

/** 0.2 s to 5 s, jittered: those who wait behind us get through in between. */
const backOffMs = (attempts: number): number => Math.min(5_000, 200 * 1.6 ** (attempts - 1)) * (0.5 + Math.random());
