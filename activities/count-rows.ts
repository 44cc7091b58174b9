import type { PostgresClient } from '../adapters/postgres';
import { countClasses } from '../adapters/postgres-classes';
import { withTransaction } from '../adapters/postgres-transaction';
import type { Plan, Removal } from '../contract/plan';
import type { RowClasses } from '../contract/world';
import { proofSql } from '../sql/proof';

/** Counts the rows of one table by what its two columns hold: within the server, in one snapshot, so exactly. */
export async function countRows(
  client: PostgresClient,
  { schema, table, column, replacedBy }: Removal,
  planned: Pick<Plan, 'proof'>,
  signal?: AbortSignal,
): Promise<RowClasses> {
  const proof = proofSql(planned.proof, { removed: column, replacement: replacedBy });
  const query = { schema, table, removed: column, replacement: replacedBy, proof };
  const onRange = () => signal?.throwIfAborted();
  const counts = await withTransaction(client, { isolation: 'repeatable read', readOnly: true }, () =>
    countClasses(client, query, { onRange }),
  );
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { table: schema === 'public' ? table : `${schema}.${table}`, column, total, ...counts };
}
