/**
 * The catalogue's part of taking objects away. `$1`, `$2`, `$3`: an address, as in `pg_depend`. The search path is the
 * system's schema alone, so that the server prints each other name qualified.
 */

/**
 * From an object to the one that a person names: a rule of a view to the view, an index to its constraint, what a partition
 * inherits to the table above. The expression of a generated column stays itself.
 */
const upward = (start: string): string => `
  up as (
    ${start}
    union
    select p.refclassid, p.refobjid, p.refobjsubid, up.depth + 1
      from up join pg_depend p on p.classid = up.classid and p.objid = up.objid and p.objsubid = up.objsubid
     where p.deptype in ('i', 'P') and up.classid <> 'pg_attrdef'::regclass
       and not (up.classid = 'pg_class'::regclass and p.refclassid = 'pg_class'::regclass and p.refobjsubid > 0)
  ), top as (
    select distinct classid, objid, objsubid from up
     where not exists (select from pg_depend p where p.classid = up.classid and p.objid = up.objid and p.objsubid = up.objsubid
                          and p.deptype in ('i', 'P') and up.classid <> 'pg_attrdef'::regclass
                          and not (up.classid = 'pg_class'::regclass and p.refclassid = 'pg_class'::regclass and p.refobjsubid > 0)))`;

/** What the server refuses to lose: normal dependencies on the object, or on what would go with it by itself. */
export const leaningOn = `
  with recursive parts as (
    select $1::oid as classid, $2::oid as objid, $3::int as objsubid
    union
    select p.classid, p.objid, p.objsubid from parts r join pg_depend p on p.refclassid = r.classid and p.refobjid = r.objid
     where (r.objsubid = 0 or p.refobjsubid = r.objsubid) and p.deptype in ('a', 'i', 'P', 'S')
  ), ${upward(`
    select p.classid, p.objid, p.objsubid, 0 as depth from parts r
      join pg_depend p on p.refclassid = r.classid and p.refobjid = r.objid and (r.objsubid = 0 or p.refobjsubid = r.objsubid)
     where p.deptype = 'n' and (p.classid, p.objid) not in (select x.classid, x.objid from parts x)`)}
  select classid::int8::text as classid, objid::int8::text as objid, objsubid::int as objsubid from top
   where (classid, objid) not in (select x.classid, x.objid from parts x)
   order by classid, objid, objsubid`;

/** Of a table with the same column above it, or of the table itself. */
const rootOf = (relation: string, column: string): string => `(
  with recursive above as (
    select ${relation} as oid, 0 as depth
    union all select i.inhparent, above.depth + 1 from above join pg_inherits i on i.inhrelid = above.oid
      join pg_attribute x on x.attrelid = i.inhparent and x.attname = ${column} and not x.attisdropped)
  select above.oid::regclass from above order by depth desc limit 1)`;

/** One statement for an object, or null where there is none for it alone. */
const statement = `case
  when r.oid is not null then format('drop rule %I on %s', r.rulename, r.ev_class::regclass)
  when g.oid is not null then format('drop trigger %I on %s', g.tgname, g.tgrelid::regclass)
  when y.oid is not null and y.polpermissive then format('drop policy %I on %s', y.polname, y.polrelid::regclass)
  when y.oid is not null then format('alter policy %I on %s', y.polname, y.polrelid::regclass)
    || case when y.polqual is not null then ' using (false)' else '' end
    || case when y.polwithcheck is not null then ' with check (false)' else '' end
  when f.oid is not null and fa.attgenerated = 'v' then format('alter table %s drop column %I', ${rootOf('f.adrelid', 'fa.attname')}, fa.attname)
  when f.oid is not null and fa.attgenerated = 's' then format('alter table %s alter column %I drop expression', ${rootOf('f.adrelid', 'fa.attname')}, fa.attname)
    || case when fa.attnotnull and not exists (select from pg_index i where i.indrelid = f.adrelid and i.indisprimary and f.adnum = any (i.indkey::int2[]))
            then format(', alter column %I drop not null', fa.attname) else '' end
  when f.oid is not null then format('alter table %s alter column %I drop default', f.adrelid::regclass, fa.attname)
  when k.conrelid <> 0 then format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname)
  when k.contypid <> 0 then format('alter domain %s drop constraint %I', k.contypid::regtype, k.conname)
  when c.oid is not null and t.objsubid > 0 and c.relkind in ('r', 'p', 'f')
    then format('alter table %s alter column %I type text using %I::text', ${rootOf('c.oid', 'ca.attname')}, ca.attname, ca.attname)
  when t.objsubid > 0 then null -- an attribute of a type, in whose values it is
  when c.oid is not null and c.reloftype <> 0 then format('alter table %s not of', c.oid::regclass)
  when c.relkind = 'S' and own.deptype = 'i' then format('alter table %s alter column %I drop identity, alter column %I drop not null', own.refobjid::regclass, owning.attname, owning.attname)
  when c.relkind = 'S' then format('alter sequence %s owned by none', c.oid::regclass)
  when c.relkind in ('v', 'm', 'i', 'I')
    then format('drop %s %s', case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'index' end, c.oid::regclass)
  when c.oid is not null then null
  when p.oid is not null then format('drop %s %s', case p.prokind when 'p' then 'procedure' when 'a' then 'routine' else 'function' end, p.oid::regprocedure)
  when o.type = 'statistics object' then 'drop statistics ' || o.identity
  when o.type in ('type', 'domain', 'cast', 'operator', 'operator class', 'operator family', 'conversion', 'transform',
                  'text search configuration', 'text search dictionary', 'collation')
    then format('drop %s %s', case when d.typtype = 'd' then 'domain' else o.type end, o.identity)
  end`;

/** The object that a person names, in the server's words. */
export const describedObject = `
  with recursive ${upward('select $1::oid as classid, $2::oid as objid, $3::int as objsubid, 0 as depth')},
  found as (
    -- Of a view: the view itself, whatever column of it is named.
    select u.classid, u.objid, case when u.classid = 'pg_class'::regclass and x.relkind not in ('r', 'p', 'f', 'c') then 0 else u.objsubid end as objsubid
      from top u left join pg_class x on u.classid = 'pg_class'::regclass and x.oid = u.objid)
  select t.classid::int8::text as classid, t.objid::int8::text as objid, t.objsubid::int as objsubid,
         case when fa.attgenerated <> '' then 'generated column' when c.oid is not null and t.objsubid > 0 then 'column' else o.type end as kind,
         o.identity as name, ${statement} as sql,
         (select quote_ident(x.extname) from pg_depend e join pg_extension x on e.refclassid = 'pg_extension'::regclass and x.oid = e.refobjid
           where e.classid = t.classid and e.objid = t.objid and e.deptype = 'e' limit 1) as extension
    from found t cross join lateral pg_identify_object(t.classid, t.objid, t.objsubid) o
    left join pg_rewrite r on t.classid = 'pg_rewrite'::regclass and r.oid = t.objid
    left join pg_trigger g on t.classid = 'pg_trigger'::regclass and g.oid = t.objid
    left join pg_policy y on t.classid = 'pg_policy'::regclass and y.oid = t.objid
    left join pg_attrdef f on t.classid = 'pg_attrdef'::regclass and f.oid = t.objid
    left join pg_attribute fa on fa.attrelid = f.adrelid and fa.attnum = f.adnum
    left join pg_constraint k on t.classid = 'pg_constraint'::regclass and k.oid = t.objid
    left join pg_class c on t.classid = 'pg_class'::regclass and c.oid = t.objid
    left join pg_attribute ca on ca.attrelid = c.oid and ca.attnum = t.objsubid and t.objsubid > 0
    left join pg_depend own on c.relkind = 'S' and own.classid = 'pg_class'::regclass and own.objid = c.oid and own.refclassid = 'pg_class'::regclass and own.deptype in ('a', 'i')
    left join pg_attribute owning on owning.attrelid = own.refobjid and owning.attnum = own.refobjsubid
    left join pg_proc p on t.classid = 'pg_proc'::regclass and p.oid = t.objid
    left join pg_type d on t.classid = 'pg_type'::regclass and d.oid = t.objid
   limit 1`;
