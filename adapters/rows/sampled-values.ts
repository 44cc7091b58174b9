import pg from 'pg';
import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';

/** Where real values for `$1` of a query come from. */
export type SampledColumn = TableName & { column: string };

/** 16 MB: enough rows to meet what is frequent, read in a fraction of a second. */
const pagesRead = 2_000;

/** Of all values: as many as the planner knows to be the most common, and as many that are so in what was read. */
const mostFrequent = 8;

/**
 * Distinct values of a column as text, at most `count`: the frequent ones, then others by the order of their hashes, which
 * are mostly rare. The same data give the same values, so that a verdict over them does not depend on chance: a small table is
 * read whole, and of a large one always the same pages (`repeatable`), as many as its size says. Empty without a value.
 */
export async function sampleValues(client: PostgresClient, of: SampledColumn, count: number): Promise<string[]> {
  const column = pg.escapeIdentifier(of.column);
  const table = `${pg.escapeIdentifier(of.schema)}.${pg.escapeIdentifier(of.table)}`;
  const draw = async (source: string): Promise<string[]> => {
    const { rows } = await client.query<{ value: string }>(
      `with read as (select ${column}::text collate "C" as value, count(*) as rows from ${source} where ${column} is not null group by 1),
            ranked as (select value, row_number() over (order by rows desc, hashtextextended(value, 0), value) as rank from read)
       select value from ranked order by case when rank <= $2 then rank end nulls last, hashtextextended(value, 0), value limit $1`,
      [count, mostFrequent],
    );
    return rows.map(({ value }) => value);
  };
  const pages = await pagesOf(client, table);
  const percent = (pagesRead / Math.max(pages, 1)) * 100;
  let drawn = percent >= 100 ? [] : await draw(`${table} tablesample system (${percent.toFixed(9)}) repeatable (1)`);
  // Few pages can hold few values; and a column that is nearly always null has them anywhere.
  if (drawn.length < count) drawn = await draw(percent >= 100 ? table : firstWithValue(table, column));
  if (drawn.length === 0) return []; // whatever was common once
  return [...new Set([...(await commonValues(client, of)), ...drawn])].slice(0, count);
}

/** In the order of the table; bounded, since it is not read whole. */
const firstWithValue = (table: string, column: string): string =>
  `(select ${column} from ${table} where ${column} is not null limit 200000) as rows_read`;

/** Of the heap alone, partitions included: of unchanged data it is exact, unlike the estimates of the planner. */
async function pagesOf(client: PostgresClient, table: string): Promise<number> {
  const { rows } = await client.query<{ pages: number }>(
    `select coalesce(sum(pg_relation_size(t.oid)), 0)::float8 / current_setting('block_size')::int as pages
       from (select $1::regclass::oid union select relid from pg_partition_tree($1::regclass)) as t(oid)`,
    [table],
  );
  return rows[0]?.pages ?? 0;
}

/** As the last ANALYZE has seen them, the most frequent first; none where this role may not see them. */
async function commonValues(client: PostgresClient, { schema, table, column }: SampledColumn): Promise<string[]> {
  const { rows } = await client.query<{ values: string[] | null }>(
    `select most_common_vals::text::text[] as values from pg_stats
      where schemaname = $1 and tablename = $2 and attname = $3 order by inherited desc limit 1`,
    [schema, table, column],
  );
  return (rows[0]?.values ?? []).slice(0, mostFrequent);
}
