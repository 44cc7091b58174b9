import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';

/** What the server says of a table that a statement names. */
export interface NamedTable extends TableName {
  /** As in `pg_class.relkind`: `r` a table, `p` a partitioned one, `v` a view …; null = there is none of this name. */
  kind: string | null;
  /** Unquoted, in their order; empty if there is no such table. */
  columns: string[];
  /** Tables above and below it, by inheritance or as partitions, itself included: what one holds another may show. */
  family: TableName[];
  /** Columns that are computed from other ones of the table. */
  generated: { column: string; from: string[] }[];
}

/** Asks for each; in their order. */
export async function readNamedTables(client: PostgresClient, tables: readonly TableName[]): Promise<NamedTable[]> {
  const { rows } = await client.query<NamedTable>(
    `with recursive named as (
       select t.schema, t."table", t.at, c.oid, c.relkind
         from unnest($1::text[], $2::text[]) with ordinality as t(schema, "table", at)
         left join pg_namespace n on n.nspname = t.schema
         left join pg_class c on c.relnamespace = n.oid and c.relname = t."table"),
     family(of, oid) as (
       select oid, oid from named where oid is not null
       union
       select f.of, case f.oid when i.inhrelid then i.inhparent else i.inhrelid end
         from family f join pg_inherits i on f.oid in (i.inhrelid, i.inhparent))
     select t.schema, t."table", t.relkind::text as kind,
            (select coalesce(array_agg(a.attname::text order by a.attnum), '{}') from pg_attribute a
              where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped) as columns,
            (select coalesce(json_agg(json_build_object('schema', n.nspname, 'table', c.relname)), '[]')
               from family f join pg_class c on c.oid = f.oid join pg_namespace n on n.oid = c.relnamespace
              where f.of = t.oid) as family,
            (select coalesce(json_agg(json_build_object('column', g.attname, 'from', g.sources)), '[]')
               from (${generatedColumns}) as g) as generated
       from named t order by t.at`,
    [tables.map(({ schema }) => schema), tables.map(({ table }) => table)],
  );
  return rows;
}

/** Their expression depends on the columns that they are computed from. */
const generatedColumns = `
  select a.attname, array_agg(distinct s.attname::text) as sources
    from pg_attribute a join pg_attrdef e on e.adrelid = a.attrelid and e.adnum = a.attnum
    join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = a.attrelid and d.refobjsubid <> a.attnum
     and (d.classid = 'pg_attrdef'::regclass and d.objid = e.oid
          or d.classid = 'pg_class'::regclass and d.objid = a.attrelid and d.objsubid = a.attnum)
    join pg_attribute s on s.attrelid = a.attrelid and s.attnum = d.refobjsubid
   where a.attrelid = t.oid and a.attgenerated <> '' group by a.attname`;
