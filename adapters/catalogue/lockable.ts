import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';

/**
 * What `lock table` takes of these names, in their order and each once: the tables that are there, and the table of an index, which
 * can't be locked itself. Others are left out.
 */
export async function findLockable(client: PostgresClient, relations: readonly TableName[]): Promise<TableName[]> {
  const { rows } = await client.query<TableName>(
    `select n.nspname as schema, t.relname as table
       from unnest($1::text[], $2::text[]) with ordinality as named(schema, name, place)
       join pg_namespace n on n.nspname = named.schema
       join pg_class c on c.relnamespace = n.oid and c.relname = named.name
       left join pg_index i on i.indexrelid = c.oid
       join pg_class t on t.oid = coalesce(i.indrelid, c.oid) and t.relkind in ('r', 'p') -- an index is in its table's schema
      group by n.nspname, t.relname order by min(named.place)`,
    [relations.map(({ schema }) => schema), relations.map(({ table }) => table)],
  );
  return rows;
}
