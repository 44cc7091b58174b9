import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { withTransaction } from '../../adapters/postgres/transaction';
import { findConstraint } from '../../adapters/catalogue/taken-away';
import { snapshotOf } from '../../adapters/catalogue/catalogue-snapshot';
import type { CatalogueFacts } from '../../adapters/catalogue/catalogue-snapshot';
import { readShape } from '../../adapters/catalogue/table-shape';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { shortName } from '../../contract/text/object-name';
import type { ColumnRemoval } from '../../contract/plan/removal';
import { qualifiedName } from '../../sql/identifier';
import { refusesWithout } from '../../sql/saved-values/needs-value';
import { dependentRemedy } from './dependent-remedy';
import type { Remedy } from '../environment/remedies';

/** What goes with a column, by its description in the catalogue. */
interface RemovedAlong {
  object: string;
  removal: ColumnRemoval;
}

/**
 * What goes with a column although other columns stay: CHECKs, foreign keys, extended statistics. A rollback makes them
 * again; meanwhile nobody has them, which is told. A CHECK that wants a value stops: while the column is hidden, a release
 * that does not name it could write no row.
 */
export async function checkRemovedAlong(client: PostgresClient, removal: ColumnRemoval): Promise<Finding[]> {
  const { schema, table, column } = removal;
  const { objects } = await snapshotOf(client, [{ schema, table, column }]);
  const findings: Finding[] = [];
  for (const [object, facts] of Object.entries(objects)) {
    const { contype, conbin, stxname } = facts;
    const removedAlong = contype === 'c' || contype === 'f' || stxname !== undefined;
    if (!removedAlong) continue;
    if (contype === 'f' && isWrittenBy(facts, column)) {
      findings.push(await isWritten(client, { object, removal }));
      continue;
    }
    const refuses = contype === 'c' && typeof conbin === 'string' ? await refusesRows(client, removal, conbin) : false;
    findings.push(
      refuses === false ? comesAgain({ object, removal }) : await wantsValue(client, { object, removal }, refuses),
    );
  }
  return findings;
}

/** By a foreign key whose action sets the column itself, or copies the new value of what it points at. */
function isWrittenBy({ confupdtype, confdeltype, confdelsetcols }: CatalogueFacts, column: string): boolean {
  if (typeof confupdtype === 'string' && 'cnd'.includes(confupdtype)) return true;
  if (typeof confdeltype !== 'string' || !'nd'.includes(confdeltype)) return false;
  return !Array.isArray(confdelsetcols) || confdelsetcols.includes(column);
}

/** By the rows that are there, each as if it had no value in the column. */
async function refusesRows(
  client: PostgresClient,
  removal: ColumnRemoval,
  expression: string,
): Promise<boolean | 'unknown'> {
  const columns = (await readShape(client, removal))?.columns ?? [];
  try {
    return await withTransaction(client, { readOnly: true }, async () => {
      const { rows } = await client.query<{ yes: boolean }>(refusesWithout(removal, columns, expression));
      return rows[0]?.yes === true;
    });
  } catch (error) {
    if (error instanceof PostgresError && error.sqlstate !== undefined) return 'unknown';
    throw error;
  }
}

const comesAgain = ({ object, removal }: RemovedAlong): Finding => ({
  check: `${object}, with ${shortName(removal)}`,
  status: 'not covered',
  expected: `nothing that names ${shortName(removal)} and other columns`,
  found: 'is dropped with the column; a rollback makes it again',
  remedy: 'if someone needs it for the other columns, have one made without this one',
});

const isWritten = async (client: PostgresClient, along: RemovedAlong): Promise<Finding> =>
  finding(along.object, false, {
    expected: `one that writes nothing into ${shortName(along.removal)} by itself`,
    found: 'deleting or changing a row that it points at would set the column, which the freeze refuses',
    ...(await withoutConstraint(client, along)),
  });

const wantsValue = async (client: PostgresClient, along: RemovedAlong, refuses: true | 'unknown'): Promise<Finding> =>
  finding(along.object, refuses === 'unknown' ? 'unknown' : false, {
    expected: `one that takes rows without a value in ${shortName(along.removal)}`,
    found:
      refuses === 'unknown'
        ? 'its expression could not be tried'
        : 'it refuses them: while the column is hidden, a release that does not name it could write no row',
    ...(await withoutConstraint(client, along)),
  });

async function withoutConstraint(client: PostgresClient, { object, removal }: RemovedAlong): Promise<Remedy> {
  const address = await findConstraint(client, qualifiedName(removal), object);
  return dependentRemedy(client, { kind: 'table constraint', name: object, object: address });
}
