import type { PostgresClient } from './postgres';
import { PostgresError } from './postgres-error';
import { sqlstate } from './sqlstate';

/** How a transaction begins, and its limits; a limit that is left out is that of the session. */
export interface TransactionOptions {
  /** Default `read committed`. */
  isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /** Default false. */
  readOnly?: boolean;
  /**
   * How long a statement waits for a lock. While an ALTER waits, every later statement on its table waits behind it.
   */
  lockTimeoutMs?: number;
  /** Limit of each statement; above 0. */
  statementTimeoutMs?: number;
  /** The server ends the session if its client says nothing for so long: a frozen worker must not keep locks. */
  idleInTransactionTimeoutMs?: number;
  /**
   * After how long a wait for a lock ends a running autovacuum that holds it, unless that one prevents wraparound
   * (`ProcSleep` in PostgreSQL's `proc.c`); a shorter `lockTimeoutMs` never wins against one. Needs `grant set on
   * parameter deadlock_timeout`; left out without that right.
   */
  deadlockTimeoutMs?: number;
  /**
   * `local`: the commit waits for no standby. Locks are held until it has answered, and a stalled standby, or a reader
   * of one under `remote_apply`, would make every other session wait. Default: as the server is set.
   */
  synchronousCommit?: 'local';
}

/**
 * Runs `callback` in a transaction: committed if it returns, rolled back if it throws.
 *
 * BEGIN, each statement and COMMIT are messages of their own, so that a killed client can't leave a statement in the
 * server that commits later. An error of the COMMIT itself has the reaction `probe` if the connection was lost: then
 * it is not known whether it took place. A COMMIT that the server turned into a rollback is an error.
 *
 * @throws PostgresError; RangeError for a limit that is not above 0; what `callback` throws
 */
export async function withTransaction<T>(
  client: PostgresClient,
  options: TransactionOptions,
  callback: (client: PostgresClient) => Promise<T>,
): Promise<T> {
  await client.query(beginStatement(options));
  let value: T;
  try {
    for (const statement of limits(options)) await client.query(statement);
    if (options.deadlockTimeoutMs !== undefined) await setDeadlockTimeout(client, options.deadlockTimeoutMs);
    value = await callback(client);
  } catch (error) {
    // The first error wins; if even this fails the connection is gone, and the server rolls back by itself.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
  const { command } = await client.query('commit');
  if (command === 'COMMIT') return value;
  throw new PostgresError(
    `expected COMMIT, found ${command}: a statement had failed and its error was ignored; nothing was changed`,
    { reaction: 'abort' },
  );
}

/** The same where one may be open already: then it is joined with its own settings, and ended where it was begun. */
export const joinTransaction = <T>(
  client: PostgresClient,
  options: TransactionOptions,
  callback: (client: PostgresClient) => Promise<T>,
): Promise<T> =>
  client.transactionStatus() === 'idle' ? withTransaction(client, options, callback) : callback(client);

function beginStatement({ isolation = 'read committed', readOnly = false }: TransactionOptions): string {
  return `begin isolation level ${isolation} ${readOnly ? 'read only' : 'read write'}`;
}

/** SET takes no snapshot, a select of set_config would. */
function limits(options: TransactionOptions): string[] {
  const values: [string, number | undefined][] = [
    ['lock_timeout', options.lockTimeoutMs],
    ['statement_timeout', options.statementTimeoutMs],
    ['idle_in_transaction_session_timeout', options.idleInTransactionTimeoutMs],
  ];
  return [
    ...values.flatMap(([name, ms]) => (ms === undefined ? [] : [`set local ${name} = '${milliseconds(ms)}'`])),
    ...(options.synchronousCommit === undefined ? [] : [`set local synchronous_commit = ${options.synchronousCommit}`]),
  ];
}

/** Limit of each further statement of the transaction. */
export async function setStatementTimeout(client: PostgresClient, ms: number): Promise<void> {
  await client.query(`set local statement_timeout = '${milliseconds(ms)}'`);
}

async function setDeadlockTimeout(client: PostgresClient, ms: number): Promise<void> {
  await client.query('savepoint deadlock_timeout');
  try {
    await client.query(`set local deadlock_timeout = '${milliseconds(ms)}'`);
  } catch (error) {
    if (!(error instanceof PostgresError) || error.sqlstate !== sqlstate.insufficientPrivilege) throw error;
    await client.query('rollback to savepoint deadlock_timeout');
  }
}

function milliseconds(ms: number): string {
  if (!Number.isFinite(ms) || ms <= 0) throw new RangeError(`expected milliseconds above 0, found ${ms}`);
  return `${Math.ceil(ms)}ms`;
}
