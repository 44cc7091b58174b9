import { readPartition, readPartitioned } from '../../adapters/catalogue/partition';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { findBlockers } from '../../adapters/server/sessions';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import { permanent } from '../../contract/run/failures';
import { readableDuration } from '../../contract/text/duration';
import { shortTableName, type TableName } from '../../contract/text/object-name';
import type { Plan } from '../../contract/plan/plan';
import { detachAtOnce, detachConcurrently, finalize } from '../../sql/partition-bound';
import type { Statement } from '../../sql/statement';
import { namingBlockers } from './name-blockers';
import { ddlLimits, ddlStatementTimeoutMs } from './acquire-with-retry';

/** A transaction that is older than this may well last longer than we would wait for it. */
const oldTransactionMs = 10_000;

/**
 * Takes a partition out of its table. Nobody waits for it: it waits itself, for whoever has used the table before. Where
 * there is a default partition the server allows only the short way, under a lock that is tried for like any other.
 *
 * Safe to run again: what was cut off half-way is finished, and what is detached stays so. One attempt ends within 30 s.
 *
 * @throws PostgresError with the reaction `retry`, naming who is in the way; `WrongState` if the partition is not there
 */
export async function detachPartition(
  client: PostgresClient,
  plan: Pick<Plan, 'durations'>,
  { of, partition }: { of: TableName; partition: TableName },
): Promise<void> {
  const facts = await readPartition(client, partition);
  if (facts === undefined) {
    const expected = `expected the partition ${shortTableName(partition)} of ${shortTableName(of)}, found no such table`;
    throw permanent('WrongState', `${expected}; nothing was changed; find out who has removed it`);
  }
  if (facts.of === null) return;
  await namingBlockers(client, [of, partition], async () => {
    if (facts.isDetachPending) return apart(client, finalize(of, partition));
    const others = (await readPartitioned(client, of))?.others ?? undefined;
    if (others !== undefined)
      return withTransaction(client, ddlLimits(plan), () => runStatements(client, [detachAtOnce(of, partition)]));
    await requireNoOldUser(client, [of, partition]);
    return apart(client, detachConcurrently(of, partition));
  });
}

/**
 * Finishes a detachment that was interrupted, since nothing else leads back either. Nothing happens where none was.
 *
 * @throws PostgresError with the reaction `retry`
 */
export async function finishDetaching(client: PostgresClient, of: TableName, partition: TableName): Promise<void> {
  const facts = await readPartition(client, partition);
  if (facts?.isDetachPending !== true) return;
  await namingBlockers(client, [of, partition], () => apart(client, finalize(of, partition)));
}

/** Begun beside one of them it would only be cut off, and from then on queries have the rows no more, whatever becomes of it. */
async function requireNoOldUser(client: PostgresClient, tables: readonly TableName[]): Promise<void> {
  const old = (await findBlockers(client, tables)).find(
    ({ transactionAgeMs }) => (transactionAgeMs ?? 0) > oldTransactionMs,
  );
  if (old === undefined) return;
  const found = `found one that has used it for ${readableDuration(old.transactionAgeMs ?? 0)}`;
  const expected = `expected no transaction older than ${readableDuration(oldTransactionMs)}`;
  throw new PostgresError(`${expected}, ${found}; nothing was begun`, { reaction: 'retry' });
}

/** In no transaction, within the time of one statement. Nobody queues behind the locks that it waits for. */
async function apart(client: PostgresClient, { sql }: Statement): Promise<void> {
  await client.query(`set statement_timeout = '${ddlStatementTimeoutMs}ms'`);
  try {
    await client.query(sql);
  } finally {
    await client.query('reset statement_timeout').catch(() => undefined);
  }
}
