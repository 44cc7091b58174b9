import type { PostgresClient } from '../postgres/postgres';
import { withPlainNames } from '../postgres/search-path';
import type { TableName } from '../postgres/sql-name';
import { indexFacts, type IndexCapture } from './catalogue';

/** An index, and the table that it is on: all that is needed to build it again. */
export interface TableIndex extends TableName {
  index: IndexCapture;
  /** On the disk, in bytes, when it was captured. */
  sizeBytes: number;
}

/** An index as it is now; undefined if there is none of this name. */
export const captureIndex = (
  client: PostgresClient,
  { schema, index }: { schema: string; index: string },
): Promise<TableIndex | undefined> =>
  withPlainNames(client, async () => {
    const { rows } = await client.query<TableIndex>(
      `select s.nspname as schema, t.relname as table, pg_relation_size(c.oid)::float8 as "sizeBytes", ${indexFacts} as index
         from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
         join pg_class t on t.oid = i.indrelid join pg_namespace s on s.oid = t.relnamespace
        where n.nspname = $1 and c.relname = $2`,
      [schema, index],
    );
    return rows[0];
  });
