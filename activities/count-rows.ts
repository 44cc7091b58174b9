import type { PostgresClient } from '../adapters/postgres';
import { countClasses } from '../adapters/postgres-classes';
import { withTransaction } from '../adapters/postgres-transaction';
import type { Plan, Removal } from '../contract/plan';
import type { RowClasses } from '../contract/world';
import { proofSql } from '../sql/proof';

/** Counts the rows of one table by what its two columns hold: within the server, in one snapshot, so exactly. */
export function countRows(
  client: PostgresClient,
  removal: Removal,
  planned: Pick<Plan, 'proof'>,
  signal?: AbortSignal,
): Promise<RowClasses> {
  const proof = proofSql(planned.proof, { removed: removal.column, replacement: removal.replacedBy });
  return countBy(client, removal, proof, signal);
}

/** The same with a condition that was made from a proof. */
export async function countBy(
  client: PostgresClient,
  { schema, table, column, replacedBy }: Removal,
  proof: string,
  signal?: AbortSignal,
): Promise<RowClasses> {
  const query = { schema, table, removed: column, replacement: replacedBy, proof };
  const onRange = () => signal?.throwIfAborted();
  const counts = await withTransaction(client, { isolation: 'repeatable read', readOnly: true }, () =>
    countClasses(client, query, { onRange }),
  );
  const { match, mismatch, keyWithoutHash, hashWithoutKey, public: open } = counts;
  const total = match + mismatch + keyWithoutHash + hashWithoutKey + open;
  return { table: schema === 'public' ? table : `${schema}.${table}`, column, total, ...counts };
}
