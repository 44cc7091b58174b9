import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';

/** Rows by their place: none of their values leaves the server for it. */
export interface Picked extends TableName {
  /** Partition, or the table itself; quoted. */
  relation: string;
  places: Set<string>;
}

/** No sample is larger; what it points at beyond that is left out, and told. */
export const mostRows = 20_000;

/** Rows of a table that are to be picked: `sql` selects the `relation` and the `place` of each. */
interface Wanted extends TableName {
  sql: string;
  parameters?: readonly unknown[];
}

/** Returns how many were not picked before. */
export async function addRows(
  client: PostgresClient,
  picked: Map<string, Picked>,
  { schema, table, sql, parameters = [] }: Wanted,
): Promise<number> {
  const { rows } = await client.query<{ relation: string; place: string }>(sql, parameters);
  let added = 0;
  for (const { relation, place } of rows) {
    const of = picked.get(relation) ?? { schema, table, relation, places: new Set<string>() };
    picked.set(relation, of);
    if (of.places.has(place)) continue;
    of.places.add(place);
    added += 1;
  }
  return added;
}

export const sizeOf = (picked: Map<string, Picked>): number =>
  [...picked.values()].reduce((sum, { places }) => sum + places.size, 0);
