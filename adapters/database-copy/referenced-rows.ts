import type { PostgresClient } from '../postgres/postgres';
import { sqlName, type TableName } from '../postgres/sql-name';
import { addRows, mostRows, sizeOf, type Picked } from './picked-rows';

interface Key extends TableName {
  columns: string;
  referenced: string;
}

/** Adds what the rows point at, and what that points at, until nothing is added. Whether some had to be left out. */
export async function followKeys(client: PostgresClient, picked: Map<string, Picked>): Promise<boolean> {
  const keysOf = new Map<string, Key[]>();
  for (let added = 1; added > 0;) {
    added = 0;
    for (const each of [...picked.values()]) {
      const name = sqlName(each);
      const keys = keysOf.get(name) ?? (await readKeys(client, name));
      keysOf.set(name, keys);
      for (const { columns, referenced, ...table } of keys) {
        const sql = `select tableoid::regclass::text as relation, ctid::text as place from ${sqlName(table)}
            where (${referenced}) in (select ${columns} from ${each.relation} where ctid = any($1::tid[]))`;
        added += await addRows(client, picked, { ...table, sql, parameters: [[...each.places]] });
        if (sizeOf(picked) > mostRows) return true;
      }
    }
  }
  return false;
}

/** Foreign keys of a table, with its columns and those that they point at. */
async function readKeys(client: PostgresClient, name: string): Promise<Key[]> {
  const columns = (relation: string, numbers: string): string =>
    `(select string_agg(quote_ident(a.attname), ', ' order by k.place) from unnest(${numbers}) with ordinality k (number, place)
        join pg_attribute a on a.attrelid = ${relation} and a.attnum = k.number)`;
  const { rows } = await client.query<Key>(
    `select n.nspname as schema, p.relname as table, ${columns('c.conrelid', 'c.conkey')} as columns,
            ${columns('c.confrelid', 'c.confkey')} as referenced
       from pg_constraint c join pg_class p on p.oid = c.confrelid join pg_namespace n on n.oid = p.relnamespace
      where c.contype = 'f' and c.conrelid = $1::regclass and c.conparentid = 0 and p.relkind in ('r', 'p')`,
    [name],
  );
  return rows;
}
