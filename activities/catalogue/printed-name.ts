import type { SnapshotTarget } from '../../adapters/catalogue/catalogue-snapshot';
import type { PostgresClient } from '../../adapters/postgres/postgres';

/** As the server's catalogue names it. */
export async function printedName(client: PostgresClient, { schema, table }: SnapshotTarget): Promise<string> {
  const { rows } = await client.query<{ name: string }>(`select format('%I.%I', $1::text, $2::text) as name`, [
    schema,
    table,
  ]);
  return rows[0]?.name ?? '';
}
