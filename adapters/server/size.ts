import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';

/** How large a table is. A partitioned table has no pages itself, and its partitions are not added up. */
export interface TableSize extends TableName {
  /** The planner's estimate; -1 = never vacuumed or analysed (PostgreSQL documentation, `pg_class`). */
  rowEstimate: number;
  /** With over-long values, free space map and visibility map, as `pg_table_size` counts. */
  heapBytes: number;
  /** Of all indexes, as `pg_indexes_size` counts. */
  indexBytes: number;
  /** Heap, indexes, over-long values. */
  totalBytes: number;
}

/** How large a database and its log are. */
export interface DatabaseSize {
  /** As `pg_database_size` counts, without the write-ahead log. */
  databaseBytes: number;
  /** The write-ahead log that the server keeps now; null = this role may not list it. */
  walBytes: number | null;
  /** Not to be had through SQL without running programs on the server. Always null here; a host's monitoring knows. */
  freeBytes: null;
  /** Of the named tables that exist. */
  tables: TableSize[];
}

/** What a backup, a copy and a restore have to reckon with. */
export async function readSize(client: PostgresClient, tables: readonly TableName[]): Promise<DatabaseSize> {
  const whole = await client.query<{ databaseBytes: number; mayListWal: boolean }>(
    `select pg_database_size(current_database())::float8 as "databaseBytes",
            has_function_privilege('pg_ls_waldir()', 'execute') as "mayListWal"`,
  );
  const wal = whole.rows[0]?.mayListWal
    ? await client.query<{ bytes: number }>('select coalesce(sum(size), 0)::float8 as bytes from pg_ls_waldir()')
    : undefined;
  const { rows } = await client.query<TableSize>(
    `select n.nspname as schema, c.relname as table, c.reltuples::float8 as "rowEstimate",
            pg_table_size(c.oid)::float8 as "heapBytes", pg_indexes_size(c.oid)::float8 as "indexBytes",
            pg_total_relation_size(c.oid)::float8 as "totalBytes"
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and (n.nspname, c.relname) in (select * from unnest($1::text[], $2::text[]))
      order by 1, 2`,
    [tables.map(({ schema }) => schema), tables.map(({ table }) => table)],
  );
  return {
    databaseBytes: whole.rows[0]?.databaseBytes ?? 0,
    walBytes: wal?.rows[0]?.bytes ?? null,
    freeBytes: null,
    tables: rows,
  };
}

/** What every database holds, even an empty one. */
const catalogueBytes = 10 * 1024 ** 2;

/** How large that is which a backup of these tables holds, partitions included; undefined: of the whole database. */
export async function readBackupBytes(
  client: PostgresClient,
  tables: readonly TableName[] | undefined,
): Promise<number> {
  if (tables === undefined) return (await readSize(client, [])).databaseBytes;
  const { rows } = await client.query<{ bytes: number }>(
    `with recursive wanted as (
       select c.oid from unnest($1::text[], $2::text[]) as t(schema_name, table_name)
         join pg_namespace n on n.nspname = t.schema_name
         join pg_class c on c.relnamespace = n.oid and c.relname = t.table_name
       union select i.inhrelid from pg_inherits i join wanted w on w.oid = i.inhparent
     )
     select coalesce(sum(pg_total_relation_size(oid)), 0)::float8 as bytes from wanted`,
    [tables.map(({ schema }) => schema), tables.map(({ table }) => table)],
  );
  return (rows[0]?.bytes ?? 0) + catalogueBytes;
}
