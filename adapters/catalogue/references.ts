import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';
import { withPlainNames } from '../postgres/search-path';

/** A foreign key that points at a table. */
export interface Reference extends TableName {
  /** Of the constraint, unquoted. */
  name: string;
  /** Of the table that points; unquoted. */
  columns: string[];
  /** Of the table that is pointed at, in the same order; unquoted. */
  referenced: string[];
  /** How the key itself compares each pair, as SQL: what it points at, operator, column, collation. */
  comparisons: { operator: string; collation: string }[];
}

/** To this table: of other ones, and of the table itself. Without those that are not enforced (since PostgreSQL 18). */
export const findReferences = (client: PostgresClient, table: TableName): Promise<Reference[]> =>
  find(client, table, {
    given: 'confrelid',
    other: 'conrelid',
    condition: `to_jsonb(k) ->> 'conenforced' is distinct from 'false'`,
  });

/**
 * Of this table; the table of each is the one that it points at. Without those that rows need not fulfil (NOT VALID):
 * no one can tell which of their rows pointed at nothing before.
 */
export const findOwnReferences = (client: PostgresClient, table: TableName): Promise<Reference[]> =>
  find(client, table, { given: 'conrelid', other: 'confrelid', condition: 'k.convalidated' });

/** Which foreign keys of a table, by the columns of `pg_constraint`. */
interface Which {
  /** That has the table which is asked for. */
  given: 'conrelid' | 'confrelid';
  /** That has the table at the other end. */
  other: 'conrelid' | 'confrelid';
  condition: string;
}

function find(
  client: PostgresClient,
  { schema, table }: TableName,
  { given, other, condition }: Which,
): Promise<Reference[]> {
  return withPlainNames(client, async () => {
    const { rows } = await client.query<Reference>(
      `select n.nspname as schema, c.relname as table, k.conname as name,
              (select json_agg(a.attname order by u.place) from unnest(k.conkey) with ordinality u (number, place)
                 join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number) as columns,
              (select json_agg(a.attname order by u.place) from unnest(k.confkey) with ordinality u (number, place)
                 join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number) as referenced,
              (select json_agg(json_build_object('operator', format('operator(%I.%s)', os.nspname, o.oprname),
                        'collation', case when f.attcollation <> p.attcollation and l.oid is not null
                                          then format(' collate %I.%I', cs.nspname, l.collname) else '' end) order by u.place)
                 from unnest(k.conpfeqop, k.conkey, k.confkey) with ordinality u (operator, own, other, place)
                 join pg_operator o on o.oid = u.operator join pg_namespace os on os.oid = o.oprnamespace
                 join pg_attribute f on f.attrelid = k.conrelid and f.attnum = u.own
                 join pg_attribute p on p.attrelid = k.confrelid and p.attnum = u.other
                 left join pg_collation l on l.oid = p.attcollation left join pg_namespace cs on cs.oid = l.collnamespace) as comparisons
         from pg_constraint k join pg_class c on c.oid = k.${other} join pg_namespace n on n.oid = c.relnamespace
         join pg_class t on t.oid = k.${given} join pg_namespace s on s.oid = t.relnamespace
        where k.contype = 'f' and k.conparentid = 0 and ${condition} and s.nspname = $1 and t.relname = $2 order by 1, 2, 3`,
      [schema, table],
    );
    return rows;
  });
}
