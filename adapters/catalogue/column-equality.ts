import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';
import { withPlainNames } from '../postgres/search-path';

/** How the server compares values of a column, whatever the search path is. */
export interface ColumnEquality extends TableName {
  /** Unquoted. */
  column: string;
  /** Of the default operator class of its type, as SQL: `operator(public.=)`; null = its type has none (json, xml, point). */
  operator: string | null;
  /** What a value is written as: the type without its length, and of a domain the type below it: `public.citext`. */
  type: string;
  /** Whether other bytes can be the same value: another operator than the system's, or a collation that says so. */
  coarse: boolean;
  /** `D` for dates and times, as in `pg_type.typcategory`. */
  category: string;
}

/**
 * The equality that unique indexes, `group by` and joins of the server go by: that of the default operator class for btree, or
 * else for hash. `=` alone is another operator where the schema of an extension is not in the search path: then the values
 * of a `citext` are compared as text, without a word. Columns that are not there are left out.
 */
export async function readEqualities(
  client: PostgresClient,
  { schema, table }: TableName,
  columns: readonly string[],
): Promise<ColumnEquality[]> {
  const { rows } = await withPlainNames(client, () =>
    client.query<ColumnEquality>(equalities, [schema, table, columns]),
  );
  return rows;
}

const equalities = `
  with recursive named as (
    select a.attname as column, a.attcollation as collation, a.atttypid as type
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and a.attname = any ($3::name[]) and a.attnum > 0 and not a.attisdropped
  ), below as (
    select * from named
    union all
    select b.column, b.collation, t.typbasetype from below b join pg_type t on t.oid = b.type where t.typtype = 'd'
  )
  select $1::text as schema, $2::text as table, b.column::text as column, e.operator, format_type(t.oid, -1) as type,
         coalesce(not e.system, false)
           or exists (select from pg_collation k where k.oid = b.collation and not k.collisdeterministic) as coarse,
         t.typcategory::text as category
    from below b join pg_type t on t.oid = b.type
    left join lateral (
      select format('operator(%I.%s)', s.nspname, o.oprname) as operator, s.nspname = 'pg_catalog' as system
        from pg_opclass c join pg_am m on m.oid = c.opcmethod
        join pg_amop x on x.amopfamily = c.opcfamily and x.amoplefttype = c.opcintype and x.amoprighttype = c.opcintype
         and x.amopstrategy = case m.amname when 'btree' then 3 when 'hash' then 1 end
        join pg_operator o on o.oid = x.amopopr join pg_namespace s on s.oid = o.oprnamespace
       where c.opcdefault and (c.opcintype = t.oid
             or c.opcintype = case when t.typelem <> 0 and t.typlen = -1 and t.typcategory = 'A' then 'anyarray'::regtype
                                   when t.typtype = 'e' then 'anyenum'::regtype when t.typtype = 'r' then 'anyrange'::regtype
                                   when t.typtype = 'm' then 'anymultirange'::regtype when t.typtype = 'c' then 'record'::regtype end
             or exists (select from pg_cast k where k.castsource = t.oid and k.casttarget = c.opcintype
                           and k.castmethod = 'b' and k.castcontext = 'i'))
       order by c.opcintype = t.oid desc, (select p.typispreferred from pg_type p where p.oid = c.opcintype) desc, m.amname
       limit 1) e on true
   where t.typtype <> 'd'
   order by 3`;
