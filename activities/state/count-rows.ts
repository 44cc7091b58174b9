import type { PostgresClient } from '../../adapters/postgres/postgres';
import { useSystemNames } from '../../adapters/postgres/search-path';
import { countClasses, type ClassesOptions } from '../../adapters/rows/classes';
import { withTransaction } from '../../adapters/postgres/transaction';
import { lockTables } from '../../adapters/postgres/snapshot-sessions';
import { shortTableName } from '../../contract/text/object-name';
import type { Plan } from '../../contract/plan/plan';
import { placeOf } from '../../contract/plan/places';
import type { ComparedRemoval, ValueRemoval } from '../../contract/plan/removal';
import type { RowClasses } from '../../contract/run/observed-state';
import { holdsFor } from '../../sql/saved-values/holds-for';
import { qualifiedName, quoteIdentifier } from '../../sql/identifier';
import { isCompared, isReplaced } from '../../sql/saved-values/kept-by';
import { hasValue } from '../../sql/saved-values/saved-value';
import { isPlaceholder } from '../../sql/saved-values/placeholder';
import type { Session } from '../environment/session';
import { equalitiesOf } from './equalities';

type Sessions = Parameters<typeof countClasses>[0];

/** Counts the rows of one table by what its two columns hold: within the server, in one snapshot, so exactly. */
export function countBy(
  { client, signal }: Pick<Session, 'client'> & Partial<Pick<Session, 'signal'>>,
  removal: ComparedRemoval,
  proof: string,
): Promise<RowClasses> {
  return withTransaction(client, { isolation: 'repeatable read', readOnly: true }, async () => {
    await useSystemNames(client);
    await lockTables(client, [removal]);
    return count([client], removal, { proof, onRange: () => signal?.throwIfAborted() });
  });
}

/** The same by a plan's proof, on sessions that are in one snapshot already; can be taken up again. */
export const countRowsTogether = (
  sessions: Sessions,
  removal: ValueRemoval,
  { proof, ...options }: ClassesOptions & { proof?: Plan['proof'] },
): Promise<RowClasses> => {
  if (proof === undefined || !isCompared(removal)) return countValues(sessions[0], removal);
  return count(sessions, removal, { ...options, proof: holdsFor(removal, proof) });
};

async function count(
  sessions: Sessions,
  removal: ComparedRemoval,
  { proof, ...options }: ClassesOptions & { proof: string },
): Promise<RowClasses> {
  const { schema, table, column, replacedBy } = removal;
  const noValue = isReplaced(removal) ? { noValue: isPlaceholder(quoteIdentifier(column)) } : {};
  const query = { schema, table, removed: column, replacement: replacedBy, proof, ...noValue };
  const counts = await countClasses(sessions, query, options);
  const { match, mismatch, valueWithoutReplacement, replacementWithoutValue, public: open } = counts;
  const total = match + mismatch + valueWithoutReplacement + replacementWithoutValue + open;
  return { table: shortTableName(removal), column, total, ...counts };
}

/** Where nothing replaces the values there is nothing to compare them with. */
async function countValues(client: PostgresClient, removal: ValueRemoval): Promise<RowClasses> {
  const none = { mismatch: 0, valueWithoutReplacement: 0, replacementWithoutValue: 0, public: 0 };
  const equalities = await equalitiesOf(client, [removal]);
  const { rows } = await client.query<{ total: number; match: number }>(
    `select count(*)::float8 as total, count(*) filter (where ${hasValue(removal, equalities)})::float8 as match from ${qualifiedName(removal)}`,
  );
  const { total = 0, match = 0 } = rows[0] ?? {};
  const { column } = placeOf(removal);
  const of = { table: shortTableName(removal), ...(column !== undefined && { column }) };
  return { ...of, total, match, ...none, byRow: true };
}
