import type { PostgresClient } from '../postgres/postgres';
import { PostgresError } from '../postgres/postgres-error';
import { sqlName, type TableName } from '../postgres/sql-name';

/** How the database writes text: `UTF8`, `LATIN1`, `SQL_ASCII` (which is none: bytes as they come). */
export async function readEncoding(client: PostgresClient): Promise<string> {
  const { rows } = await client.query<{ encoding: string }>('select getdatabaseencoding() as encoding');
  return rows[0]?.encoding ?? '';
}

/** Columns whose values are text, or hold some: all but numbers, times, network addresses and bytes. */
const textColumns = `
  select a.attname as name from pg_attribute a join pg_type t on t.oid = a.atttypid
    join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped
     and t.typcategory not in ('N', 'B', 'D', 'T', 'I', 'G', 'V') and a.atttypid not in ('bytea'::regtype, 'uuid'::regtype)
   order by a.attnum`;

/** Whether the values of a column can be read as UTF-8, as all our sessions do. */
export interface ReadableText {
  /** Unquoted. */
  column: string;
  /** At most the limit; where the server refused, the limit itself. */
  rowsRead: number;
  /** Undefined = all that were read; otherwise what the server says, never the value. */
  refused?: string;
}

/** @param limit rows of each column, at most; the first ones in the order in which they are stored */
export async function readAsUtf8(
  client: PostgresClient,
  { schema, table }: TableName,
  limit: number,
): Promise<ReadableText[]> {
  const { rows: columns } = await client.query<{ name: string }>(textColumns, [schema, table]);
  const found: ReadableText[] = [];
  for (const { name: column } of columns) {
    const text = `"${column.replaceAll('"', '""')}"::text`;
    const sql = `select count(*)::float8 as rows, sum(octet_length(convert_to(v, 'UTF8'))) from (select ${text} as v from only ${sqlName({ schema, table })} limit ${limit}) x`;
    try {
      found.push({ column, rowsRead: (await client.query<{ rows: number }>(sql)).rows[0]?.rows ?? 0 });
    } catch (error) {
      if (!(error instanceof PostgresError) || !isOfEncoding(error.sqlstate)) throw error;
      found.push({ column, rowsRead: limit, refused: `SQLSTATE ${error.sqlstate}` });
    }
  }
  return found;
}

/** Not in the repertoire, untranslatable, no such conversion. */
const isOfEncoding = (state: string | undefined): boolean => ['22021', '22P05', '0A000', '42883'].includes(state ?? '');
