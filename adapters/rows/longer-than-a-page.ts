import type { PostgresClient } from '../postgres/postgres';
import { withPlainNames } from '../postgres/search-path';

/** Rows that the server keeps and would refuse to write again. */
export interface RowsLongerThanAPage {
  /** Qualified, quoted where needed. */
  table: string;
  /** Quoted where needed: those of storage `plain` whose values could be stored apart, if they were allowed to. */
  columns: string[];
  /** At least 1. */
  rows: number;
  /** Complete, for all of these columns together. */
  alter: string;
}

/**
 * What a row can take within its page of 8 kB, without its header: `MaxHeapTupleSize` of PostgreSQL's `htup_details.h`, less
 * 24 bytes.
 */
export const rowBytes = 8_136;

/** A partitioned table has no rows itself; a type that is always stored within its row never had a longer value. */
const plainColumns = `
  select c.oid::regclass::text as table, array_agg(quote_ident(a.attname) order by a.attnum) as columns,
         case c.relkind when 'm' then 'alter materialized view ' else 'alter table only ' end as alter
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_type t on t.oid = a.atttypid
   where c.relkind in ('r', 'm') and c.relpersistence <> 't' and a.attnum > 0 and not a.attisdropped
     and a.attlen < 0 and a.attstorage = 'p' and t.typstorage <> 'p'
     and c.relnamespace <> 'pg_catalog'::regnamespace and has_table_privilege(c.oid, 'select')
   group by c.oid, c.relkind order by 1`;

/**
 * Of the whole database: values that were stored apart, or compressed, before someone chose the storage `plain`, which holds
 * for what is written from then on. Reads all rows of tables with such a column, and only of those.
 */
export const findRowsLongerThanAPage = (client: PostgresClient): Promise<RowsLongerThanAPage[]> =>
  withPlainNames(client, async () => {
    const { rows: tables } = await client.query<Omit<RowsLongerThanAPage, 'rows'>>(plainColumns);
    const found: RowsLongerThanAPage[] = [];
    for (const { table, columns, alter } of tables) {
      const bytes = columns.map((column) => `coalesce(${unpacked(column)}, 0)`).join(' + ');
      const sql = `select count(*)::float8 as rows from only ${table} where ${bytes} > ${rowBytes}`;
      const [{ rows } = { rows: 0 }] = (await client.query<{ rows: number }>(sql)).rows;
      const each = columns.map((column) => `alter column ${column} set storage extended`);
      if (rows > 0) found.push({ table, columns, rows, alter: `${alter}${table} ${each.join(', ')}` });
    }
    return found;
  });

/** An array holds its element as it is when nothing is compressed or stored apart; 24 bytes are the array's own. */
const unpacked = (column: string): string => `pg_column_size(array[${column}]) - 24`;
