import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';
import { findMentioningFunctions, type MentioningFunction } from './function-sources';
import type { ObjectAddress } from '../catalogue/taken-away';
import { withPlainNames } from '../postgres/search-path';

/** Something that leans on a table, or makes it one that can't be taken away and built again. */
export interface TableDependent {
  /** `view`, `table constraint`, `function`, `publication`, … */
  kind: string;
  /** As the server describes it, every name qualified. */
  name: string;
  /** What happens to it, or because of it. */
  why: string;
  /** `possible`: whether it is about this table only a person can tell. */
  certainty: 'certain' | 'possible';
  /** Of the source that was judged, where there is one. */
  md5?: string;
  /** Where the catalogue has it; null where it is no object, but a property of a table. */
  object?: ObjectAddress | null;
  /** What ends such a property: complete, each name quoted. */
  sql?: string[] | null;
}

const target = `target as (
  select c.oid, c.relname, c.relkind, c.relispartition, y.oid as row_type, y.typarray as rows_type
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_type y on y.oid = c.reltype
   where n.nspname = $1 and c.relname = $2),
 going as (select c.oid from unnest($3::text[], $4::text[]) as p(schema_name, table_name)
             join pg_namespace n on n.nspname = p.schema_name
             join pg_class c on c.relnamespace = n.oid and c.relname = p.table_name)`;

/** By `pg_depend`: on the table, its columns, its row type, its sequences; without what is on the table itself. */
const recorded = `
  with ${target}, parts as (
    select 'pg_class'::regclass as classid, oid as objid from target
    union all select 'pg_type'::regclass, unnest(array[row_type, rows_type]) from target
    union all select p.classid, p.objid from pg_depend p join target t on p.refobjid = t.oid and p.refclassid = 'pg_class'::regclass
                join pg_class s on p.classid = 'pg_class'::regclass and s.oid = p.objid and s.relkind = 'S'
               where p.deptype in ('a', 'i')
  )
  select distinct case when r.oid is not null then case o.relkind when 'm' then 'materialized view' else 'view' end
                       else (pg_identify_object(p.classid, p.objid, p.objsubid)).type end as kind,
         case when r.oid is not null then r.ev_class::regclass::text
              else (pg_identify_object(p.classid, p.objid, p.objsubid)).identity end as name,
         'DROP TABLE fails while it exists; it keeps working with the hidden table, so a trial would not show it' as why,
         case when keeps.sql is null then jsonb_build_object('classid', p.classid::int8::text, 'objid', p.objid::int8::text, 'objsubid', p.objsubid) end as object,
         keeps.sql
    from pg_depend p join parts on parts.classid = p.refclassid and parts.objid = p.refobjid
    left join pg_rewrite r on p.classid = 'pg_rewrite'::regclass and r.oid = p.objid
    left join pg_class o on o.oid = r.ev_class
    left join pg_constraint k on p.classid = 'pg_constraint'::regclass and k.oid = p.objid
    left join pg_attrdef f on p.classid = 'pg_attrdef'::regclass and f.oid = p.objid
    left join pg_policy y on p.classid = 'pg_policy'::regclass and y.oid = p.objid
    left join pg_trigger g on p.classid = 'pg_trigger'::regclass and g.oid = p.objid
    -- A sequence that stays serves the default of another table as before.
    cross join lateral (select case when f.oid is not null and exists (
        select from pg_depend q where q.classid = p.refclassid and q.objid = p.refobjid and q.refclassid = 'pg_class'::regclass and q.deptype = 'a')
      then array[format('alter sequence %s owned by none', p.refobjid::regclass)] end as sql) keeps
   where p.deptype = 'n' and not exists (select from pg_inherits h where p.classid = 'pg_class'::regclass and h.inhrelid = p.objid and h.inhparent = p.refobjid)
     and coalesce(r.ev_class, k.conrelid, f.adrelid, y.polrelid, g.tgrelid, 0) not in (select oid from going)
     and p.classid <> 'pg_publication_rel'::regclass
     and not (p.classid = 'pg_class'::regclass and p.objid in (select i.indexrelid from pg_index i join going on going.oid = i.indrelid))
   order by 1, 2`;

/** What the server does not know, or knows elsewhere. */
const unrecorded = `
  with ${target}
  select 'partitioned table' as kind, t.oid::regclass::text as name, 'its partitions are tables of their own' as why,
         null::jsonb as object, null::text[] as sql
    from target t where t.relkind = 'p'
  union all
  select 'partition', t.oid::regclass::text, 'it belongs to a partitioned table', null,
         array[format('alter table %s detach partition %s', i.inhparent::regclass, t.oid::regclass)]
    from target t join pg_inherits i on i.inhrelid = t.oid where t.relispartition
  union all
  select 'parent table', i.inhparent::regclass::text, 'reads the rows of this one as its own', null,
         array[format('alter table %s no inherit %s', t.oid::regclass, i.inhparent::regclass)]
    from pg_inherits i, target t where i.inhrelid = t.oid and not t.relispartition
  union all
  select 'child table', i.inhrelid::regclass::text, 'its rows are seen in this one', null,
         array[format('alter table %s no inherit %s', i.inhrelid::regclass, t.oid::regclass)]
    from pg_inherits i, target t where i.inhparent = t.oid and t.relkind <> 'p'
  union all
  select 'security label', l.provider, 'is dropped with the table; an archive that has it restores only where its provider is loaded', null,
         array[format('security label for %I on %s %s is null', l.provider, case l.objsubid when 0 then 'table' else 'column' end,
                      concat_ws('.', t.oid::regclass, (select quote_ident(a.attname) from pg_attribute a where a.attrelid = t.oid and a.attnum = l.objsubid and l.objsubid > 0)))]
    from pg_seclabel l, target t where l.classoid = 'pg_class'::regclass and l.objoid = t.oid
  union all
  select 'subscription', quote_ident(s.subname), 'it writes rows of another server into the table, and stops at the first row that is refused', null, null
    from pg_subscription_rel x join pg_subscription s on s.oid = x.srsubid, target t where x.srrelid = t.oid
  union all
  select 'foreign key', format('%I of %s', k.conname, t.oid::regclass),
         'deleting or changing a row of ' || k.confrelid::regclass || ' would write to this table, which the freeze refuses',
         jsonb_build_object('classid', 'pg_constraint'::regclass::oid::int8::text, 'objid', k.oid::int8::text, 'objsubid', 0), null
    from pg_constraint k, target t
   where k.contype = 'f' and k.conrelid = t.oid and (k.confdeltype in ('c', 'n', 'd') or k.confupdtype in ('c', 'n', 'd'))
     and k.confrelid not in (select oid from going)
   order by 1, 2`;

const named = ({ name, certainty, md5, object }: MentioningFunction): TableDependent => ({
  ...{ kind: 'function', name, certainty, md5, object },
  why:
    certainty === 'certain'
      ? 'a statement in its source names the table: it fails when it runs'
      : 'its source contains this word: if it means this table, it fails when it runs',
});

type Known = Omit<TableDependent, 'certainty' | 'md5'>;

/**
 * Everything that would refuse or break if the table went, or that keeps it from being built again; what its definition
 * holds is not in the list, nor what is among the tables that go with it (`going`). Functions are found by the table's name
 * in their source, so one that means another table can be among them (`possible`). Code outside the database is not seen.
 */
export async function findTableDependents(
  client: PostgresClient,
  { schema, table }: TableName,
  beingRemoved: readonly TableName[],
): Promise<TableDependent[]> {
  return withPlainNames(client, async () => {
    const names = [beingRemoved.map((each) => each.schema), beingRemoved.map((each) => each.table)];
    const known = await client.query<Known>(recorded, [schema, table, ...names]);
    const others = await client.query<Known>(unrecorded, [schema, table, ...names]);
    const certain = [...known.rows, ...others.rows].map((each) => ({ ...each, certainty: 'certain' as const }));
    const functions = await findMentioningFunctions(client, { schema, table });
    return [...certain, ...functions.map(named)];
  });
}
