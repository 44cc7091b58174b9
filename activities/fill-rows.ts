import { failPoint } from '../adapters/fail-point';
import type { PostgresClient } from '../adapters/postgres';
import { firstPage, walkPages } from '../adapters/postgres-pages';
import type { PageRange } from '../adapters/postgres-pages';
import { runStatements } from '../adapters/postgres-statements';
import { withTransaction } from '../adapters/postgres-transaction';
import { removalsOf } from '../contract/plan';
import type { Plan, Removal } from '../contract/plan';
import { countFillable, fillBatchRows, fillRange, sentinelRange, skipTriggers } from '../sql/fill';
import type { Statement } from '../sql/statement';
import { winLock } from './win-lock';

/** A row that moves meanwhile can be missed by a walk; the next one finds it. */
const walks = 3;

/** How long a batch waits for the writers of its rows, again and again, before it is given up. */
const batchGivesUpAfterMs = 60_000;

/** More pages than a table can have: few rows are not worth a walk. */
const allPages = 4_294_967_294;

/**
 * Fills the rows without a key, or with the sentinel, from the session's table of keys, in small transactions, so that writers wait for some
 * milliseconds only. What has no key there gets a sentinel. Returns how many
 * rows got their key.
 */
export async function fillRows(
  client: PostgresClient,
  plan: Pick<Plan, 'removes'>,
  signal: AbortSignal,
): Promise<number> {
  let filled = 0;
  const first = (await maySkipTriggers(client)) ? [skipTriggers] : [];
  for (let walk = 1; walk <= walks; walk += 1) {
    for (const removal of removalsOf(plan)) {
      const { rows } = await client.query<{ count: number }>(countFillable(removal));
      const open = rows[0]?.count ?? 0;
      if (open === 0) continue;
      const size = open <= fillBatchRows ? { pages: allPages } : { rows: fillBatchRows };
      await walkPages(client, removal, size, firstPage, async (range) => {
        filled += await fillBatch(client, removal, range, first, signal);
        await failPoint('fill: between two batches');
      });
    }
  }
  return filled;
}

const maySkipTriggers = async (client: PostgresClient): Promise<boolean> => {
  const sql = `select has_parameter_privilege('session_replication_role', 'set') as may`;
  return (await client.query<{ may: boolean }>(sql)).rows[0]?.may === true;
};

/** Short waits for locks: while a batch waits for one row's writer, others may wait for its other rows. */
function fillBatch(
  client: PostgresClient,
  removal: Removal,
  { relation, from, to }: PageRange,
  first: readonly Statement[],
  signal: AbortSignal,
): Promise<number> {
  const limits = { lockTimeoutMs: 500, idleInTransactionTimeoutMs: 5_000 };
  const order = { what: 'the fill of some rows', givesUpAfterMs: batchGivesUpAfterMs, signal, oneSession: true };
  return winLock(order, () =>
    withTransaction(client, limits, async () => {
      await runStatements(client, first);
      const filled = await client.query(fillRange(removal, relation).sql, [from, to]);
      await failPoint('fill: inside a batch');
      await client.query(sentinelRange(removal, relation).sql, [from, to]);
      return filled.rowCount;
    }),
  );
}
