import type { PostgresClient } from '../postgres';
import type { TableName } from '../postgres-catalogue';
import { sqlName } from '../sql-name';

/** What a table holds: number of its rows, and a digest that does not depend on their order, or on that of the columns. */
export interface RowsDigest extends TableName {
  rowCount: number;
  /** sha256 of each row as text, its columns in the order of their names; all of them added up, see {@link sumOf}. */
  digest: string;
}

export interface DigestOptions {
  /** Only rows that no transaction from this one on has written. For a young server, whose ids have not begun anew. */
  writtenBefore?: string;
  tell?: (tablesDone: number) => void;
}

/**
 * Digests of all rows of some tables. As superuser of a throw-away server: no policy hides a row. Text is as
 * `record_out` writes it, under settings under which two servers write the same.
 */
export async function digestRows(
  client: PostgresClient,
  tables: readonly TableName[],
  { writtenBefore, tell }: DigestOptions = {},
): Promise<RowsDigest[]> {
  await client.query(`select set_config('search_path', 'pg_catalog', false), set_config('extra_float_digits', '3', false),
    set_config('jit', 'off', false), set_config('client_encoding', 'UTF8', false)`);
  const digests: RowsDigest[] = [];
  for (const table of tables) {
    const { rows } = await client.query<{ columns: string | null; only: string }>(selectColumns, [sqlName(table)]);
    const [shape] = rows;
    if (shape === undefined) continue;
    const { rows: sums } = await client.query<{ rowCount: number; digest: string }>(
      sumOf(`${shape.only}${sqlName(table)}`, shape.columns ?? '', writtenBefore),
    );
    if (sums[0] !== undefined) digests.push({ schema: table.schema, table: table.table, ...sums[0] });
    tell?.(digests.length);
  }
  return digests;
}

const selectColumns = `select case when c.relkind = 'r' then 'only ' else '' end as only,
    (select string_agg('r.' || quote_ident(attname), ', ' order by attname collate "C") from pg_attribute a
      where a.attrelid = c.oid and attnum > 0 and not attisdropped) as columns
  from pg_class c where c.oid = to_regclass($1) and c.relkind in ('r', 'p')`;

/** Two hashes of each sha256 are added up: as much as 128 bits of it, in half the time that it takes to cut these out. */
const sumOf = (from: string, columns: string, before?: string): string => `
  select count(*)::float8 as "rowCount",
         coalesce(sum(hash_record_extended(row(h.row), 0)), 0)::text || ':' || coalesce(sum(hash_record_extended(row(h.row), 1)), 0)::text as digest
    from (select sha256(convert_to(textin(record_out(row(${columns}))), getdatabaseencoding())) as row from ${from} as r${
      before === undefined ? '' : ` where r.xmin::text::int8 < ${Number(before)}`
    }) as h`;
