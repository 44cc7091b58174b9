import type { PostgresClient } from '../postgres/postgres';
import type { ColumnCapture } from './catalogue';
import { withPlainNames } from '../postgres/search-path';

/** What keeps a column from being an ordinary one, which any write can fill. */
export interface ColumnFilling {
  /** Null = it is an ordinary column. */
  kind: 'domain' | 'identity' | 'generated' | 'virtual' | null;
  /** Then an identity or a generated column can't become an ordinary one: `sql` is null. */
  inPrimaryKey: boolean;
  /** Complete; makes it an ordinary column that keeps its values and can be without one. Null = no statement does. */
  sql: string | null;
  /** Makes a text of limited length one without a limit, in the catalogue alone. */
  unlimited: string;
  /**
   * To be run after a change of the type: the server makes extended statistics anew then, and whoever runs it owns them
   * (PostgreSQL's `ATPostAlterTypeParse`). Each complete; none = the column has no such statistics.
   */
  statisticsOwners: string[];
}

const filling = `
  with recursive base as (
    select a.atttypid as type, a.atttypmod as modifier, 0 as depth from pg_attribute a where a.attrelid = $1::regclass and a.attname = $2 and not a.attisdropped
    union all
    select t.typbasetype, case when t.typtypmod >= 0 then t.typtypmod else b.modifier end, b.depth + 1
      from base b join pg_type t on t.oid = b.type where t.typtype = 'd'
  ), facts as (
    select a.*, format('alter table %s alter column %I', a.attrelid::regclass, a.attname) as alter,
           case when a.attnotnull then format(', alter column %I drop not null', a.attname) else '' end as nullable,
           b.type, b.modifier, b.depth > 0 as is_domain,
           case when a.attcollation not in (0, bt.typcollation) then (
             select format(' collate %I.%I', n.nspname, c.collname) from pg_collation c join pg_namespace n on n.oid = c.collnamespace where c.oid = a.attcollation) else '' end as collated,
           exists (select from pg_index i where i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey::int2[])) as in_key
      from pg_attribute a, (select * from base order by depth desc limit 1) b join pg_type bt on bt.oid = b.type
     where a.attrelid = $1::regclass and a.attname = $2
  )
  select case when attidentity <> '' then 'identity' when attgenerated = 's' then 'generated' when attgenerated <> '' then 'virtual'
              when is_domain then 'domain' end as kind,
         in_key as "inPrimaryKey",
         case when attidentity <> '' and not in_key then format('%s drop identity%s', alter, nullable)
              when attgenerated = 's' and not in_key then format('%s drop expression%s', alter, nullable)
              when attidentity <> '' or attgenerated <> '' then null
              when is_domain then format('%s type %s%s', alter, format_type(type, modifier), collated) end as sql,
         format('%s type text%s', alter, collated) as unlimited,
         array(select format('alter statistics %I.%I owner to %I', n.nspname, s.stxname, r.rolname)
                 from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace join pg_roles r on r.oid = s.stxowner
                where exists (select from pg_depend d where d.classid = 'pg_statistic_ext'::regclass and d.objid = s.oid
                                 and d.refclassid = 'pg_class'::regclass and d.refobjid = attrelid and d.refobjsubid = attnum)
                order by s.oid) as "statisticsOwners"
    from facts`;

/** Of a column that is there. */
export function readFilling(
  client: PostgresClient,
  { schema, table, column }: Pick<ColumnCapture, 'schema' | 'table' | 'column'>,
): Promise<ColumnFilling | undefined> {
  return withPlainNames(client, async () => {
    const relation = [schema, table].map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
    return (await client.query<ColumnFilling>(filling, [relation, column])).rows[0];
  });
}
