import type { RestoreInput } from '../../contract/activities/effect-inputs';
import { isKeptByRow } from '../../contract/plan/removals';
import { isProvenByRow, replacedOf } from '../../sql/saved-values/kept-by';
import { restorableColumns } from '../catalogue/captured-columns';
import { checkBuilt } from '../rebuild/check-built';
import type { Dropped } from '../rebuild/dropped';
import { fillColumns } from './fill-columns';
import { gatherValues } from './gather-values';
import { maySetAnew } from './refill-columns';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { captureColumn } from '../../adapters/catalogue/catalogue';
import { withPlainNames } from '../../adapters/postgres/search-path';
import type { ColumnRemoval, ComparedRemoval, ReplacedRemoval } from '../../contract/plan/removal';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { shortTableName } from '../../contract/text/object-name';
import { countDiffering, fillBatchRows } from '../../sql/fill';
import { countWrong } from '../../sql/saved-values/fill-proven';
import { holdsFor } from '../../sql/saved-values/holds-for';
import type { Session } from '../environment/session';
import { countBy } from '../state/count-rows';

/** Rights that can't come back, whether what was filled is right, and what a platform's tool has built otherwise. */
export async function checkRefilledColumns(
  session: Session,
  input: RestoreInput,
  dropped: Dropped<'column'>,
): Promise<Finding[]> {
  const { client } = session;
  const { captured, findings } = await restorableColumns(client, dropped.captured);
  findings.push(...(await checkRows(session, input, dropped)));
  const action = dropped.plan.byAction?.restore;
  if (action !== undefined) findings.push(...(await checkBuilt(client, captured, action)));
  return findings;
}

async function checkRows(
  session: Session,
  input: RestoreInput,
  { plan, removals }: Dropped<'column'>,
): Promise<Finding[]> {
  const { client, environment } = session;
  const { proof } = plan;
  if (proof !== undefined && !isKeptByRow(plan))
    return inTurn(replacedOf(removals), (removal) => checkProven(session, removal, proof));
  await gatherValues(session, input);
  const overwrite = await maySetAnew(environment, plan);
  await fillColumns(session, plan, { overwrite }); // rows that were written anew meanwhile
  if (proof === undefined) return inTurn(removals, (removal) => checkKept(client, removal));
  return inTurn(removals.filter(isProvenByRow), (removal) => checkFits(client, { removal, proof }, overwrite));
}

async function inTurn<From, To>(all: readonly From[], one: (each: From) => Promise<To>): Promise<To[]> {
  const found: To[] = [];
  for (const each of all) found.push(await one(each));
  return found;
}

/** Rows that the new release writes meanwhile have no key yet; the next fill gives it to them. */
async function checkProven(
  session: Omit<Session, 'environment'>,
  removal: ReplacedRemoval,
  proof: string,
): Promise<Finding> {
  const counts = await countBy(session, removal, holdsFor(removal, proof));
  const { table, mismatch, valueWithoutReplacement, replacementWithoutValue, placeholders = 0 } = counts;
  return finding(`filled rows of ${table}`, mismatch === 0 && valueWithoutReplacement === 0, {
    expected: 'the key of its hash, or an unusable placeholder, in each row with a hash',
    found: `${mismatch} wrong, ${valueWithoutReplacement} without a hash, ${placeholders} with a placeholder, ${Math.max(0, replacementWithoutValue - placeholders)} not filled yet`,
    remedy: 'someone has written keys meanwhile: find out who, empty those rows, then answer "retry"',
    evidence: counts,
  });
}

/** Rows that somebody has written since a moment ago are among them; the next fill finds these. */
async function checkFits(
  client: PostgresClient,
  { removal, proof }: { removal: ComparedRemoval; proof: string },
  overwrite: boolean,
): Promise<Finding> {
  const capture = await captureColumn(client, removal, removal.column);
  const { rows } = await client.query<{ count: number }>(
    countWrong({ removal, proof, type: capture?.type ?? 'text' }, overwrite),
  );
  const wrong = rows[0]?.count;
  return finding(
    `filled rows of ${shortTableName(removal)}`,
    wrong === undefined ? 'unknown' : wrong <= fillBatchRows,
    {
      expected: `in each row the value that fits what replaced it, but for ${fillBatchRows} written in this moment`,
      found: `${wrong ?? '?'} without it; the next fill, in maintenance, finds them`,
      remedy: 'rows are written faster than they are filled: answer "retry" when it is quiet',
    },
  );
}

/** The release that serves does not write the column, so whatever stands there is what was kept of the row. */
async function checkKept(client: PostgresClient, removal: ColumnRemoval): Promise<Finding> {
  type Row = { compared: number; differing: number; missing: number };
  // As in the copy: what names an object (regclass) has the schema in its text.
  const { rows } = await withPlainNames(client, () => client.query<Row>(countDiffering(removal)));
  const [counts] = rows;
  return finding(
    `filled rows of ${shortTableName(removal)}`,
    counts === undefined ? 'unknown' : counts.differing === 0,
    {
      expected: 'no other value than was kept of each row',
      found: `${counts?.differing ?? '?'} of ${counts?.compared ?? '?'} with another one, ${counts?.missing ?? '?'} with none`,
      remedy:
        'someone has written the column meanwhile: find out who, empty those rows, then answer "retry": it fills again',
      ...(counts && { evidence: counts }),
    },
  );
}
