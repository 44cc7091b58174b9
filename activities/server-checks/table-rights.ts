import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { TableName } from '../../contract/text/object-name';

/** Whether this role has each of these rights on a table. */
export const mayAll = (client: PostgresClient, table: TableName, rights: string[]): Promise<boolean> =>
  ask(client, rights.map((right) => `has_table_privilege(c.oid, '${right}')`).join(' and '), table);

/** A condition on table (`c`) and schema (`n`), by the catalogue: names of a schema that may not be used are an error elsewhere. */
export async function ask(client: PostgresClient, condition: string, { schema, table }: TableName): Promise<boolean> {
  const { rows } = await client.query<{ may: boolean }>(
    `select has_schema_privilege(n.oid, 'usage') and ${condition} as may
       from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2`,
    [schema, table],
  );
  return rows[0]?.may === true;
}
