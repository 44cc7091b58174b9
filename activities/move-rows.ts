import { failPoint } from '../adapters/fail-point';
import type { PostgresClient } from '../adapters/postgres';
import { findColumns } from '../adapters/postgres-catalogue';
import { runStatements } from '../adapters/postgres-statements';
import { withTransaction } from '../adapters/postgres-transaction';
import { readShape } from '../adapters/table-shape';
import { permanent } from '../contract/failures';
import type { Plan } from '../contract/plan';
import { isRows, removalsOf } from '../contract/removals';
import type { RowsRemoval } from '../contract/removals';
import { moveBack, moveOut, moveQuietly } from '../sql/some-rows';
import type { Statement } from '../sql/statement';
import { hiddenTable } from '../sql/whole-table';
import { batchLimits, batchOrder } from './fill-rows';
import { findOrphans } from './orphans';
import { openThrottle } from './throttle';
import { winLock } from './win-lock';

/** Rows that go are hidden in batches: writers of other rows wait for none of them, and standbys are not left behind. */

export const rowsOf = (plan: Pick<Plan, 'removes'>): RowsRemoval[] => removalsOf(plan).filter(isRows);

/**
 * Moves all rows that go out of sight; what an earlier attempt has moved is moved.
 *
 * @throws `WrongWorld` if a row that stays points at one of them, which could be written as long as it was there
 */
export async function hideRows(
  client: PostgresClient,
  plan: Pick<Plan, 'removes'>,
  freeze: string,
  signal: AbortSignal,
): Promise<void> {
  const removals = rowsOf(plan);
  for (const removal of removals) await move(client, moveOut(removal), freeze, signal);
  for (const removal of removals) {
    for (const { key, count } of await findOrphans(client, removal, removals, hiddenTable(removal.table))) {
      if (count === 0) continue;
      throw permanent(
        'WrongWorld',
        `expected no row that points at a hidden one, found ${count} by the foreign key ${key}; they were written meanwhile; ` +
          'have them point at something else, or name them in the plan',
      );
    }
  }
}

/** Moves whatever is hidden back to where it was. */
export async function showRows(
  client: PostgresClient,
  plan: Pick<Plan, 'removes'>,
  freeze: string,
  signal: AbortSignal,
): Promise<void> {
  for (const removal of rowsOf(plan)) {
    const { schema, table } = removal;
    if ((await findColumns(client, { schema, table: hiddenTable(table) })) === undefined) continue;
    const shape = await readShape(client, removal);
    const columns = (shape?.columns ?? []).filter(({ generated }) => !generated).map(({ name }) => name);
    await move(client, moveBack(removal, columns), freeze, signal);
  }
}

/** Batch after batch, until one moves nothing. */
async function move(client: PostgresClient, { sql }: Statement, freeze: string, signal: AbortSignal): Promise<void> {
  const throttle = openThrottle(client, signal);
  for (let moved = 1; moved > 0;) {
    signal.throwIfAborted();
    moved = await winLock(batchOrder('the move of some rows', signal), () =>
      withTransaction(client, batchLimits, async () => {
        await runStatements(client, moveQuietly(freeze));
        const { rowCount } = await client.query(sql);
        await failPoint('move: inside a batch');
        return rowCount;
      }),
    );
    await failPoint('move: between two batches');
    if (moved > 0) await throttle.untilCalm();
  }
}
