import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';
import { withPlainNames } from '../postgres/search-path';

/** An index that the server keeps up to date, or not even that, and never reads: its building has failed. */
export interface InvalidIndex {
  /** Unquoted, like `index`. */
  schema: string;
  index: string;
  /** Qualified and quoted. */
  name: string;
  /** Complete statements, each a way by itself, the usual one first. Those with `concurrently` run in no transaction. */
  ways: string[];
}

/**
 * Of a partitioned table's index neither way is there `concurrently`, and what belongs to it or to a constraint goes only
 * with that.
 */
const invalid = `
  select n.nspname as schema, c.relname as index, i.indexrelid::regclass::text as name,
         case when k.oid is not null then array[format('alter table %s drop constraint %I', i.indrelid::regclass, k.conname)]
              when c.relkind = 'I' then array[format('drop index %s', i.indexrelid::regclass)]
              when c.relispartition then array[format('reindex index concurrently %s', i.indexrelid::regclass)]
              else array[format('drop index concurrently %s', i.indexrelid::regclass), format('reindex index concurrently %s', i.indexrelid::regclass)] end as ways
    from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
    join pg_class t on t.oid = i.indrelid join pg_namespace s on s.oid = t.relnamespace
    left join pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x') and not c.relispartition
   where s.nspname = $1 and t.relname = $2 and not (i.indisvalid and i.indisready)
   order by 3`;

/** By name; empty = none. */
export const findInvalidIndexes = (client: PostgresClient, { schema, table }: TableName): Promise<InvalidIndex[]> =>
  withPlainNames(client, async () => (await client.query<InvalidIndex>(invalid, [schema, table])).rows);
