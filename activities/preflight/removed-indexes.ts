import type { PostgresClient } from '../../adapters/postgres/postgres';
import { captureColumn } from '../../adapters/catalogue/catalogue';
import { goneColumns, goneIndexes } from '../../contract/plan/places';
import type { DatabaseRemoval } from '../../contract/plan/removal';
import { hiddenColumn } from '../../sql/hidden-name';
import { qualifiedName } from '../../sql/identifier';

/** An index that is removed, or that the server takes away with a removed column. */
export interface RemovedIndex {
  schema: string;
  name: string;
  /** The column it goes with; absent = the plan removes the index itself. */
  column?: string;
}

/** All of them, those of partitions included: whatever names the column as a part of its key, expression or condition. */
export async function removedIndexes(
  client: PostgresClient,
  removals: readonly DatabaseRemoval[],
): Promise<RemovedIndex[]> {
  const beingRemoved: RemovedIndex[] = goneIndexes(removals).map(({ schema, index: name }) => ({ schema, name }));
  for (const removal of goneColumns(removals)) {
    const { column, table } = removal;
    const capture =
      (await captureColumn(client, removal, column)) ?? (await captureColumn(client, removal, hiddenColumn(column)));
    for (const { schema, name } of capture?.indexes ?? []) {
      const { rows } = await client.query<{ schema: string; name: string }>(
        `select n.nspname as schema, c.relname as name
           from (select $1::regclass::oid union select relid from pg_partition_tree($1::regclass)) as t(oid)
           join pg_class c on c.oid = t.oid join pg_namespace n on n.oid = c.relnamespace`,
        [qualifiedName({ schema, table: name })],
      );
      beingRemoved.push(...rows.map((each) => ({ ...each, column: `${table}.${column}` })));
    }
  }
  return beingRemoved;
}
