import type { PostgresClient } from '../../adapters/postgres/postgres';
import { captureColumn } from '../../adapters/catalogue/catalogue';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { walkPages } from '../../adapters/rows/pages';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import type { Plan } from '../../contract/plan/plan';
import type { ReplacedRemoval } from '../../contract/plan/removal';
import { removalsOf } from '../../contract/plan/removals';
import type { Session } from '../environment/session';
import { fillBatchRows, skipTriggers } from '../../sql/fill';
import { replacedOf } from '../../sql/saved-values/kept-by';
import { countPlaceholders, takeBackRange } from '../../sql/saved-values/placeholder-statements';
import { maySkipTriggers, batchOrder, batchLimits } from '../schema-change/batch-limits';
import { quietly } from '../rows/write-back';
import { acquireWithRetry } from '../schema-change/acquire-with-retry';

/**
 * Sets the unusable placeholders of an earlier way back to null again, as the new release has written these rows: in small
 * transactions, before the freeze, which would refuse it. `allowed` runs in each of them, and throws where it may not be.
 * Only while the new release serves: the old one would show such rows to everybody.
 *
 * Safe to run again, and to leave half done: a placeholder counts as no value wherever it stays. It stays where the table
 * takes no null, or has a rule against it. Returns how many rows were changed.
 */
export async function takePlaceholdersBack(
  { client, signal }: Omit<Session, 'environment'>,
  plan: Pick<Plan, 'removes'>,
  allowed: () => Promise<void>,
): Promise<number> {
  let taken = 0;
  const first = (await maySkipTriggers(client)) ? [skipTriggers] : [];
  for (const removal of replacedOf(removalsOf(plan))) {
    if (!(await takesNull(client, removal)) || (await countOf(client, removal)) === 0) continue;
    let isRefused = false;
    await walkPages(client, { table: removal, rows: fillBatchRows }, async ({ relation, from, to }) => {
      if (isRefused) return;
      const changed = await acquireWithRetry(batchOrder('taking placeholders back', signal), () =>
        unlessRefused(
          withTransaction(client, batchLimits, async () => {
            await allowed();
            await runStatements(client, first);
            const taken = takeBackRange(removal, relation).sql;
            return quietly(client, relation, async () => (await client.query(taken, [from, to])).rowCount);
          }),
        ),
      );
      isRefused = changed === undefined;
      taken += changed ?? 0;
    });
  }
  return taken;
}

/** Undefined where the table refuses it: by a constraint (class 23), or by a trigger that raises an error. */
async function unlessRefused(changing: Promise<number>): Promise<number | undefined> {
  try {
    return await changing;
  } catch (error) {
    const isRefusal = error instanceof PostgresError && /^(?:23|P0)/.test(error.sqlstate ?? '');
    if (!isRefusal) throw error;
    return undefined;
  }
}

async function takesNull(client: PostgresClient, removal: ReplacedRemoval): Promise<boolean> {
  const capture = await captureColumn(client, removal, removal.column);
  return capture?.notNull === false;
}

/** Reads the table once; an ordinary rollout finds none. */
async function countOf(client: PostgresClient, removal: ReplacedRemoval): Promise<number> {
  return withTransaction(client, { readOnly: true, statementTimeoutMs: 3_600_000 }, async () => {
    const { rows } = await client.query<{ count: number }>(countPlaceholders(removal));
    return rows[0]?.count ?? 0;
  });
}
