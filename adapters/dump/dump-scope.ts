import type { PostgresClient } from '../postgres/postgres';
import { sqlName, type TableName } from '../postgres/sql-name';

/**
 * Arguments for `pg_dump` that leave out the data of every table but these and what hangs below them (partitions,
 * inheritance). The definitions of all stay in, since `--table` would leave out the schemas, types and functions that
 * the wanted tables need, and with them the way to restore.
 *
 * @throws if one of the tables is not there
 */
export async function dumpScope(client: PostgresClient, tables: readonly TableName[]): Promise<string[]> {
  const { rows } = await client.query<{ schema: string; table: string; wanted: boolean }>(
    `with recursive wanted as (
       select c.oid from unnest($1::text[], $2::text[]) as t(schema_name, table_name)
         join pg_namespace n on n.nspname = t.schema_name
         join pg_class c on c.relnamespace = n.oid and c.relname = t.table_name
       union select i.inhrelid from pg_inherits i join wanted w on w.oid = i.inhparent
     )
     select n.nspname as schema, c.relname as table, c.oid in (select oid from wanted) as wanted
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
        and n.nspname !~ '^pg_(toast|temp)' order by 1, 2`,
    [tables.map(({ schema }) => schema), tables.map(({ table }) => table)],
  );
  const wanted = new Set(rows.filter((row) => row.wanted).map(sqlName));
  const missing = tables.map(sqlName).filter((table) => !wanted.has(table));
  if (missing.length > 0)
    throw new Error(`expected the tables ${missing.join(', ')}, found none of that name; nothing was dumped`);
  const leftOut = rows.filter((row) => !row.wanted).map((row) => `--exclude-table-data=${sqlName(row)}`);
  return ['--no-blobs', ...leftOut];
}
