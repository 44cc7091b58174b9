import type { PostgresClient } from '../adapters/postgres';
import { useSystemNames } from '../adapters/postgres-catalogue';
import { countClasses, type ClassesOptions } from '../adapters/postgres-classes';
import { withTransaction } from '../adapters/postgres-transaction';
import { lockTables } from '../adapters/snapshot-sessions';
import type { Plan, Removal } from '../contract/plan';
import type { RowClasses } from '../contract/world';
import { proofSql } from '../sql/proof';

type Sessions = Parameters<typeof countClasses>[0];

/** Counts the rows of one table by what its two columns hold: within the server, in one snapshot, so exactly. */
export function countBy(
  client: PostgresClient,
  removal: Removal,
  proof: string,
  signal?: AbortSignal,
): Promise<RowClasses> {
  return withTransaction(client, { isolation: 'repeatable read', readOnly: true }, async () => {
    await useSystemNames(client);
    await lockTables(client, [removal]);
    return count([client], removal, proof, { onRange: () => signal?.throwIfAborted() });
  });
}

/** The same by a plan's proof, on sessions that are in one snapshot already; can be taken up again. */
export const countRowsTogether = (
  sessions: Sessions,
  removal: Removal,
  planned: Pick<Plan, 'proof'>,
  options: ClassesOptions,
): Promise<RowClasses> => count(sessions, removal, proofOf(removal, planned), options);

const proofOf = ({ column, replacedBy }: Removal, { proof }: Pick<Plan, 'proof'>): string =>
  proofSql(proof, { removed: column, replacement: replacedBy });

async function count(
  sessions: Sessions,
  { schema, table, column, replacedBy }: Removal,
  proof: string,
  options: ClassesOptions,
): Promise<RowClasses> {
  const query = { schema, table, removed: column, replacement: replacedBy, proof };
  const counts = await countClasses(sessions, query, options);
  const { match, mismatch, keyWithoutHash, hashWithoutKey, public: open } = counts;
  const total = match + mismatch + keyWithoutHash + hashWithoutKey + open;
  return { table: schema === 'public' ? table : `${schema}.${table}`, column, total, ...counts };
}
