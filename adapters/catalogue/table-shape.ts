import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';
import { withPlainNames } from '../postgres/search-path';

/** The columns of a table, in their order: a row that is written as text is read again by them. */
export interface TableShape extends TableName {
  /** Names are unquoted; types as `format_type` prints them. */
  columns: { name: string; type: string; /** The server fills it by itself. */ generated: boolean }[];
}

/** Undefined: no such table. */
export async function readShape(client: PostgresClient, { schema, table }: TableName): Promise<TableShape | undefined> {
  const { rows } = await withPlainNames(client, () =>
    client.query<{ columns: TableShape['columns'] }>(
      `select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'generated', a.attgenerated <> '')
                       order by a.attnum) as columns
         from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relname = $2 and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped having count(*) > 0`,
      [schema, table],
    ),
  );
  return rows[0] === undefined ? undefined : { schema, table, columns: rows[0].columns };
}
