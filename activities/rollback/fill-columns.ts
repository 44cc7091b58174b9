import { failPoint } from '../../adapters/programs/fail-point';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { captureColumn } from '../../adapters/catalogue/catalogue';
import type { PageRange } from '../../adapters/rows/pages';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import { permanent } from '../../contract/run/failures';
import { shortName } from '../../contract/text/object-name';
import type { ColumnRemoval } from '../../contract/plan/removal';
import { columnsOf } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import { countFillable, fillBatchRows, fillRange, fillShares, skipTriggers } from '../../sql/fill';
import { countWrong, fillProvenRange } from '../../sql/saved-values/fill-proven';
import { isProvenByRow, isReplaced } from '../../sql/saved-values/kept-by';
import { placeholderRange } from '../../sql/saved-values/placeholder-statements';
import { selectFiring } from '../../sql/firing';
import type { Statement } from '../../sql/statement';
import type { Session } from '../environment/session';
import { batchLimits, batchOrder, maySkipTriggers } from '../schema-change/batch-limits';
import { walkTogether } from './second-session';
import { writeBack } from '../rows/write-back';
import { unthrottled, type Throttle } from '../schema-change/throttle';
import { acquireWithRetry } from '../schema-change/acquire-with-retry';

/** A row that moves meanwhile can be missed by a walk; the next one finds it. */
const walks = 3;

/** So many are filled by one statement, and no more than one more of them are counted before. */
const fewRows = fillBatchRows;

/** More pages than a table can have: few rows are not worth a walk. */
const allPages = 4_294_967_294;

/**
 * Fills the rows without a value, or with the placeholder, from the session's table of keys, in small transactions, so that
 * writers wait for some milliseconds only. `overwrite`: see `fillProvenRange`. What has a replacement and no key there gets
 * a placeholder. Returns how many rows got their value.
 *
 * @param second another session with the same table of keys, which fills as well; see `withSecondSession`
 */
export async function fillColumns(
  session: Omit<Session, 'environment'>,
  plan: Pick<Plan, 'removes' | 'proof'>,
  { throttle = unthrottled, overwrite = false, second }: FillOptions = {},
): Promise<number> {
  const { client } = session;
  let filled = 0;
  let batches = 0;
  const first = (await maySkipTriggers(client)) ? [skipTriggers] : [];
  for (let walk = 1; walk <= walks; walk += 1) {
    for (const removal of columnsOf(plan)) {
      const beside = second;
      const type = await typeOf(client, removal);
      const proven = isProvenByRow(removal) && plan.proof !== undefined && { removal, proof: plan.proof, type };
      const counting = proven ? countWrong(proven, overwrite, fewRows + 1) : countFillable(removal, type, fewRows + 1);
      const { rows } = await client.query<{ count: number }>(counting);
      const open = rows[0]?.count ?? 0;
      if (open === 0) continue;
      const isMany = open > fewRows;
      const size = isMany ? { rows: fillBatchRows * fillShares } : { pages: allPages };
      const shares = isMany && !proven ? Array.from({ length: fillShares }, (_, share) => share) : [undefined];
      const eachShare = async (fillOne: (batch: Batch) => Promise<number>): Promise<number> => {
        let sum = 0;
        for (const share of shares) {
          if (batches++ > 0) await throttle.untilCalm();
          const batch = proven
            ? { first, fill: (of: string) => fillProvenRange(proven, overwrite, of), close: () => [] }
            : batchOf({ removal, type }, first, share);
          sum += await fillOne(batch);
          await failPoint('fill: between two batches');
        }
        return sum;
      };
      const { rows: written, isSecondRefused } = await walkTogether(
        { table: removal, ...size },
        { client, onRange: (range) => eachShare((batch) => fillBatch(session, batch, range)) },
        beside && { client: beside, onRange: (range) => eachShare((batch) => fillUnrefused(beside, batch, range)) },
      );
      filled += written;
      if (isSecondRefused) second = undefined;
    }
  }
  return filled;
}

interface FillOptions {
  throttle?: Throttle;
  overwrite?: boolean;
  second?: PostgresClient | undefined;
}

async function typeOf(client: PostgresClient, removal: ColumnRemoval): Promise<string> {
  const capture = await captureColumn(client, removal, removal.column);
  if (capture !== undefined) return capture.type;
  throw permanent('WrongState', `expected column ${shortName(removal)}, found none; nothing was changed`);
}

/** Statements of one range of pages. */
interface Batch {
  first: readonly Statement[];
  fill: (relation: string) => Statement;
  close: (relation: string) => Statement[];
}

interface TypedRemoval {
  removal: ColumnRemoval;
  /** The column's. */
  type: string;
}

/** What no share could fill is closed with the last one. */
const batchOf = ({ removal, type }: TypedRemoval, first: readonly Statement[], share?: number): Batch => ({
  first,
  fill: (relation) => fillRange(removal, type, { relation, share }),
  close: (relation) =>
    isReplaced(removal) && (share === undefined || share === fillShares - 1)
      ? [placeholderRange(removal, relation)]
      : [],
});

function fillBatch(
  { client, signal }: Omit<Session, 'environment'>,
  { first, fill, close }: Batch,
  { relation, from, to }: PageRange,
): Promise<number> {
  return acquireWithRetry(batchOrder('the fill of some rows', signal), () =>
    withTransaction(client, batchLimits, async () => {
      await runStatements(client, first);
      return writeBack(client, relation, () => write(client, { fill, close }, { relation, from, to }));
    }),
  );
}

/** By a second session: changes no definition. What sets off code of the application is refused, as everything else is. */
const fillUnrefused = (client: PostgresClient, batch: Batch, range: PageRange): Promise<number> =>
  withTransaction(client, batchLimits, async () => {
    await runStatements(client, batch.first);
    const { rows: firing } = await client.query(selectFiring, [range.relation]);
    if (firing.length > 0) throw new PostgresError('expected a table whose triggers are silent, found one that fires');
    return write(client, batch, range);
  });

async function write(
  client: PostgresClient,
  { fill, close }: Pick<Batch, 'fill' | 'close'>,
  { relation, from, to }: PageRange,
): Promise<number> {
  const filled = await client.query(fill(relation).sql, [from, to]);
  await failPoint('fill: inside a batch');
  for (const { sql } of close(relation)) await client.query(sql, [from, to]);
  return filled.rowCount;
}
