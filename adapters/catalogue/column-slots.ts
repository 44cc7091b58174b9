import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';
import { withPlainNames } from '../postgres/search-path';

/** How much room a table has for columns that come back. Of a table with children or partitions: each of them, too. */
export interface ColumnSlots {
  /** Qualified, quoted where needed. */
  table: string;
  /** Numbers that were ever given to a column; a dropped one's is never given again. */
  numbersUsed: number;
  /** Columns that are there. */
  columns: number;
  /**
   * Most bytes that a row can take within its page when every value that can be is stored apart, its header included;
   * null = it has a column whose values can't be stored apart, and have no fixed size.
   */
  rowBytes: number | null;
}

/** Bytes of a reference to a value that is stored apart, with what aligns it. */
const pointerBytes = 20;

const slotsOf = `
  with recursive tables as (
    select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2
    union select i.inhrelid from tables t join pg_inherits i on i.inhparent = t.oid
  )
  select t.oid::regclass::text as table, max(a.attnum)::int as "numbersUsed",
         (count(*) filter (where not a.attisdropped))::int as columns,
         case when bool_or(not a.attisdropped and a.attlen < 0 and a.attstorage = 'p') then null
              else (sum(case when a.attisdropped then 0 when a.attlen < 0 then ${pointerBytes}
                             else a.attlen + case a.attalign when 'd' then 7 when 'i' then 3 when 's' then 1 else 0 end end)
                    + 24 + max(a.attnum) / 8 + 8)::int end as "rowBytes"
    from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0
   group by t.oid order by 1`;

/** Empty = no such table. */
export const findColumnSlots = (client: PostgresClient, { schema, table }: TableName): Promise<ColumnSlots[]> =>
  withPlainNames(client, async () => (await client.query<ColumnSlots>(slotsOf, [schema, table])).rows);
