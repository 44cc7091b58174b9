import type { TableName } from '../postgres/sql-name';
import { findMentioningFunctions, type MentioningFunction } from './function-sources';
import type { ObjectAddress } from '../catalogue/taken-away';
import { withPlainNames } from '../postgres/search-path';
import type { PostgresClient } from '../postgres/postgres';

/** Something that leans on a column. */
export interface Dependent {
  /** `view`, `rule`, `trigger`, `policy`, `constraint`, `index`, `function`, `publication`, … */
  kind: string;
  /** As the server describes it, every name qualified. */
  name: string;
  /**
   * What happens to it when the column goes:
   * `refuses` = the server refuses to drop the column; `vanishes` = it is dropped silently, and a restore has to know it;
   * `restored` = it is dropped, and the column's capture holds it; `breaks` = it stays, and fails (or makes others fail) later.
   */
  effect: 'refuses' | 'vanishes' | 'restored' | 'breaks';
  /**
   * What happens to it when the column only gets another name: `follows` = it keeps working with the renamed one,
   * unnoticed; `breaks` = it fails from then on, or makes others fail; `refuses` = the server refuses to rename the
   * column.
   */
  whenRenamed: 'follows' | 'breaks' | 'refuses';
  /** What happens, for people. */
  why: string;
  /** `possible`: whether it is about this column only a person can tell. */
  certainty: 'certain' | 'possible';
  /** Of the source that was judged, where there is one: what a person has said about it holds for this source. */
  md5?: string;
  /** Where the catalogue has it; null where it is no object, but a property of a table or a column. */
  object?: ObjectAddress | null;
  /** What ends such a property, or what has to follow once the object is gone: complete, each name quoted. */
  sql?: string[] | null;
}

const target = `target as (
  select a.attrelid as relation, a.attnum as number, a.attname as name, a.attnotnull, a.atthasdef, a.attidentity, a.attgenerated, a.attinhcount
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = $1 and c.relname = $2 and a.attname = $3 and not a.attisdropped)`;

const addressOf = (classid: string, objid: string, objsubid = '0'): string =>
  `jsonb_build_object('classid', (${classid})::oid::int8::text, 'objid', (${objid})::int8::text, 'objsubid', ${objsubid})`;

/**
 * What the server itself knows: `pg_depend`, followed through what would go with the column (a constraint, its index)
 * to what leans on that. Normal dependencies refuse; automatic and internal ones go silently.
 */
const recorded = `
  with recursive ${target}, depending as (
    select p.classid, p.objid, p.objsubid, p.deptype, array[p.objid] as path
      from pg_depend p, target t
     where p.refclassid = 'pg_class'::regclass and p.refobjid = t.relation and p.refobjsubid = t.number
    union
    select p.classid, p.objid, p.objsubid, p.deptype, d.path || p.objid
      from depending d join pg_depend p on p.refclassid = d.classid and p.refobjid = d.objid
     where d.deptype in ('a', 'i', 'P', 'S') and d.objsubid = 0 and p.objid <> all (d.path)
  ), leaning as (
    -- A CHECK has both: what goes by itself does not refuse.
    select classid, objid, objsubid, bool_and(deptype = 'n') as refuses from depending group by 1, 2, 3
  )
  select distinct kind, name, effect, object,
    -- A default fills the column in writes that do not name it, whatever its name is: a refusal of writes then hits them.
    case kind when 'default value' then 'breaks' else 'follows' end as "whenRenamed",
    case effect when 'refuses' then 'DROP COLUMN fails while it exists'
                when 'restored' then 'captured with the column, so that a restore builds it again'
                else 'is dropped with the column, without a warning' end as why, 'certain' as certainty
    from (
      select case
          when d.classid = 'pg_rewrite'::regclass and r.rulename = '_RETURN' then
            case c.relkind when 'm' then 'materialized view' else 'view' end
          when d.classid = 'pg_class'::regclass and o.relkind = 'r' then 'table'
          when d.classid = 'pg_attrdef'::regclass and (f.adrelid, f.adnum) <> (select relation, number from target)
            then 'generated column'
          else (pg_identify_object(d.classid, d.objid, d.objsubid)).type end as kind,
        case when r.oid is not null and r.rulename = '_RETURN' then r.ev_class::regclass::text
             else (pg_identify_object(d.classid, d.objid, d.objsubid)).identity end as name,
        case when d.refuses then 'refuses'
             when o.relkind in ('i', 'I') or (f.adrelid, f.adnum) = (select relation, number from target) then 'restored'
             when d.classid = 'pg_constraint'::regclass and k.contype in ('p', 'u', 'x', 'c', 'f') then 'restored'
             when d.classid = 'pg_statistic_ext'::regclass then 'restored'
             else 'vanishes' end as effect, ${addressOf('d.classid', 'd.objid', 'd.objsubid')} as object
        from leaning d
        left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
        left join pg_class c on c.oid = r.ev_class
        left join pg_class o on d.classid = 'pg_class'::regclass and o.oid = d.objid
        left join pg_attrdef f on d.classid = 'pg_attrdef'::regclass and f.oid = d.objid
        left join pg_constraint k on d.classid = 'pg_constraint'::regclass and k.oid = d.objid
       where d.classid <> 'pg_publication_rel'::regclass
         and not ((f.adrelid, f.adnum) = (select relation, number from target) and (select attgenerated <> '' from target)) -- no ordinary column and k.contype is distinct from 'n' -- NOT NULL: since version 18 a constraint, for us a part of the column
         and not exists (select from pg_trigger own where d.classid = 'pg_trigger'::regclass and own.oid = d.objid and own.tgisinternal) -- of a constraint
    ) described
   order by kind, name, effect`;

/** Both refuse that one of their columns may be null. */
const primaryKeyOf = `(select ${addressOf(`'pg_constraint'::regclass`, 'k.oid')} from pg_constraint k
   where k.conrelid = t.relation and k.contype = 'p' and t.number = any (k.conkey))`;
const identityElse = `(select format('alter table %s replica identity %s', t.relation::regclass,
    case when exists (select from pg_index k where k.indrelid = t.relation and k.indisprimary and t.number <> all (k.indkey::int2[]))
         then 'default' else 'full' end)
   from pg_index i where i.indrelid = t.relation and i.indisreplident and t.number = any (i.indkey::int2[]))`;

/** Of a table \`c\` and its place \`i\` below another. */
const detached = `case when c.relispartition then format('alter table %s detach partition %s', i.inhparent::regclass, i.inhrelid::regclass)
    else format('alter table %s no inherit %s', i.inhrelid::regclass, i.inhparent::regclass) end`;

/** What the server does not know, or knows elsewhere. */
const unrecorded = `
  with ${target}
  select 'trigger' as kind, format('%I on %s', g.tgname, g.tgrelid::regclass) as name, 'breaks' as effect,
         'breaks' as "whenRenamed", 'its arguments name the column: each write that runs it fails' as why,
         case when g.tgfoid::regproc::text like 'tsvector_update_trigger%' then 'certain' else 'possible' end as certainty,
         ${addressOf(`'pg_trigger'::regclass`, 'g.oid')} as object, null::text[] as sql
    from pg_trigger g, target t
   where g.tgrelid = t.relation and not g.tgisinternal
     and t.name::text = any (string_to_array(encode(g.tgargs, 'escape'), '\\000'))
     and not exists (select from pg_depend x where x.classid = 'pg_trigger'::regclass and x.objid = g.oid
                        and x.refobjid = t.relation and x.refobjsubid = t.number)
  union all
  select 'not null', format('%s.%I', t.relation::regclass, t.name), 'breaks', 'breaks',
         'a release that does not name the column cannot insert rows while it is NOT NULL', 'certain',
         ${primaryKeyOf}, array_remove(array[${identityElse}, format('alter table %s alter column %I drop not null', t.relation::regclass, t.name)], null)
    from target t where t.attnotnull and t.attgenerated = '' and t.attidentity = ''
  union all
  select 'subscription', quote_ident(s.subname), 'breaks', 'breaks',
         'it writes rows of another server into the table, and stops at the first row that is refused', 'certain', null, null
    from pg_subscription_rel x join pg_subscription s on s.oid = x.srsubid, target t where x.srrelid = t.relation
  union all
  select 'partition key', r.partrelid::regclass::text, 'refuses', 'follows',
         'DROP COLUMN fails for a column of the partition key', 'certain', null, null
    from pg_partitioned_table r, target t where r.partrelid = t.relation and t.number = any (r.partattrs::int2[])
  union all
  select 'inherited column', format('%s.%I', t.relation::regclass, t.name), 'refuses', 'refuses',
         'DROP COLUMN has to be done at the parent table', 'certain', null,
         (select array_agg(${detached}) from pg_inherits i join pg_class c on c.oid = i.inhrelid
           where i.inhrelid = t.relation and exists (
             select from pg_attribute x where x.attrelid = i.inhparent and x.attname = t.name and not x.attisdropped))
    from target t where t.attinhcount > 0
  union all
  select 'child table', i.inhrelid::regclass::text, 'vanishes', 'follows', 'loses the column, too', 'certain', null, array[${detached}]
    from pg_inherits i join pg_class c on c.oid = i.inhrelid, target t where i.inhparent = t.relation
  union all
  select 'security label', l.provider, 'vanishes', 'follows', 'is dropped with the column, without a warning', 'certain', null,
         array[format('security label for %I on column %s.%I is null', l.provider, t.relation::regclass, t.name)]
    from pg_seclabel l, target t
   where l.classoid = 'pg_class'::regclass and l.objoid = t.relation and l.objsubid = t.number
   order by 1, 2`;

const named = ({ name, certainty, md5, object }: MentioningFunction): Dependent => ({
  ...{ kind: 'function', name, effect: 'breaks', whenRenamed: 'breaks', certainty, md5, object },
  why:
    certainty === 'certain'
      ? 'a statement in its source names the column: it fails when it runs'
      : 'its source contains this word: if it means this column, it fails when it runs',
});

/**
 * Everything that would refuse, be lost or be damaged if the column went; what the capture restores is in the list as
 * `restored`. Functions are found by the column's name in their source, so one that means another column can be among
 * them (`possible`), and one that composes the name is not. Publications are a look of their own. Code outside the database is
 * not seen.
 */
export async function findDependents(
  client: PostgresClient,
  { schema, table }: TableName,
  column: string,
): Promise<Dependent[]> {
  return withPlainNames(client, async () => {
    const known = await client.query<Dependent>(recorded, [schema, table, column]);
    const others = await client.query<Dependent>(unrecorded, [schema, table, column]);
    const functions = await findMentioningFunctions(client, { schema, table, column });
    return [...known.rows, ...others.rows, ...functions.map(named)];
  });
}
