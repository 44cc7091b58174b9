import { failPoint } from '../../adapters/programs/fail-point';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { walkPages } from '../../adapters/rows/pages';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import { readShape } from '../../adapters/catalogue/table-shape';
import type { TableShape } from '../../adapters/catalogue/table-shape';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { shortName } from '../../contract/text/object-name';
import type { RowsRemoval } from '../../contract/plan/removal';
import { skipTriggers } from '../../sql/fill';
import { qualifiedName } from '../../sql/identifier';
import { lockTables } from '../../sql/lock';
import { makeShape, undoRemoval, putBatchRows } from '../../sql/some-rows';
import { compareTable } from '../../sql/refill-table';
import type { Captured } from '../catalogue/captured-columns';
import { batchOrder, batchLimits } from '../schema-change/batch-limits';
import { findDanglingOfRows } from '../state/dangling-references';
import { deferredTaken } from '../rows/deferred-rules';
import { validateAsCaptured } from '../rows/validate-constraints';
import { writeBack } from '../rows/write-back';
import type { ThrottledSession } from '../schema-change/throttle';
import { acquireWithRetry } from '../schema-change/acquire-with-retry';

/**
 * The way back of some rows: from the session's table of what is kept, in batches, as the columns were then; columns that
 * came since get their defaults. A row that is there is left alone. Returns how many rows it has put in.
 */
export async function refillRows(
  { client, throttle, signal }: Omit<ThrottledSession, 'environment'>,
  removals: readonly RowsRemoval[],
  shapes: readonly TableShape[],
): Promise<number> {
  let filled = 0;
  for (const [index, removal] of removals.entries()) {
    const shape = shapes.find(({ schema, table }) => schema === removal.schema && table === removal.table);
    const now = await readShape(client, removal);
    const isThere = new Set(now?.columns.filter(({ generated }) => !generated).map(({ name }) => name));
    const columns = (shape?.columns ?? []).map(({ name }) => name).filter((name) => isThere.has(name));
    await runStatements(client, [makeShape(index, shape?.columns ?? [])]);
    const taken = await deferredTaken(client, removal, { now, shape, record: 'kept.r' });
    const sql = undoRemoval(removal, { index, columns }, taken);
    await walkPages(client, { table: keyTable, rows: putBatchRows }, async ({ from, to }) => {
      const put = await acquireWithRetry(batchOrder('the fill of some rows', signal), () =>
        withTransaction(client, batchLimits, async () => {
          if (taken !== undefined) await client.query(lockTables([removal], 'share row exclusive'));
          await runStatements(client, [skipTriggers]);
          const { rowCount } = await writeBack(client, qualifiedName(removal), () => client.query(sql, [from, to]));
          await failPoint('fill: inside a batch');
          return rowCount;
        }),
      );
      filled += put;
      await failPoint('fill: between two batches');
      if (put > 0) await throttle.untilCalm(); // pages with rows of other tables alone cost nothing
    });
  }
  return filled;
}

/** The session's own. */
const keyTable = { schema: 'pg_temp', table: 'rubicon_keys' };

/** Every row that is kept is there. The new release may have written to some of them since they are back. */
export async function checkRefilledRows(
  client: PostgresClient,
  removals: readonly RowsRemoval[],
  shapes: readonly Captured<TableShape>[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const shape of shapes) findings.push(...(await validateAsCaptured(client, shape)));
  for (const removal of removals) {
    type Row = { kept: number; found: number; same: number };
    const { rows } = await client.query<Row>(compareTable(removal));
    const { kept, found, same } = rows[0] ?? { kept: Number.NaN, found: Number.NaN, same: Number.NaN };
    findings.push(
      finding(`rows of ${shortName(removal)}`, kept === found, {
        expected: `the ${kept} rows that were kept`,
        found: `${found} of them, ${same} exactly as they were`,
        remedy:
          'someone has deleted some since, or others have taken their unique values: find out which, then answer "retry": it fills again',
      }),
    );
    for (const { key, count } of await findDanglingOfRows(client, removal)) {
      findings.push(
        finding(`foreign key ${key}`, count === 0, {
          expected: 'no row that points at nothing',
          found: `${count}: what they point at was deleted while they were gone`,
          remedy: 'bring that back, or delete these rows, then answer "retry"',
        }),
      );
    }
  }
  return findings;
}
