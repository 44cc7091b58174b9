import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';
import { withPlainNames } from '../postgres/search-path';

/** A role that something was made or granted by, and that this session may not become (`set role`). */
export interface RoleToBecome {
  /** Quoted where needed. */
  role: string;
  /** What it owns, in the server's words. */
  owns: string[];
  /** What it has granted a right on, in the server's words. */
  granted: string[];
  isSuperuser: boolean;
  /** Complete; lets this session become it. */
  sql: string;
  /** Complete: gives what it owns to another role, as which this session may act. */
  handOver: string[];
}

/**
 * Of a table with all that is dropped with it, or of one of its columns: only as its owner can a thing be made again that
 * belongs to another role, and only as its grantor can a right be given again that was passed on. To become a role takes the
 * SET option since PostgreSQL 16, and membership before.
 */
const rolesToBecome = `
  with target as (
    select c.oid, c.relowner, c.relacl, a.attnum, a.attacl, $3::text is null as whole from pg_class c join pg_namespace n on n.oid = c.relnamespace
      left join pg_attribute a on a.attrelid = c.oid and a.attname = $3 and not a.attisdropped
     where n.nspname = $1 and c.relname = $2
  ), parts as (
    select 'pg_class'::regclass as classid, oid as objid, 0 as objsubid, relowner as owner, relacl as acl from target where whole
    union all select 'pg_class'::regclass, t.oid, x.attnum, t.relowner, x.attacl from target t join pg_attribute x on x.attrelid = t.oid and not x.attisdropped
      where x.attnum > 0 and (t.whole or x.attnum = t.attnum)
    union all select 'pg_class'::regclass, s.oid, 0, s.relowner, s.relacl from target t
      join pg_depend p on p.refclassid = 'pg_class'::regclass and p.refobjid = t.oid and p.classid = 'pg_class'::regclass and p.deptype in ('a', 'i')
      join pg_class s on s.oid = p.objid and s.relkind = 'S' where t.whole or p.refobjsubid = t.attnum
    union all select 'pg_type'::regclass, y.oid, 0, y.typowner, y.typacl from target t join pg_type y on y.typrelid = t.oid where t.whole
    union all select 'pg_statistic_ext'::regclass, e.oid, 0, e.stxowner, null from target t join pg_statistic_ext e on e.stxrelid = t.oid
      where t.whole or t.attnum = any (e.stxkeys::int2[]) or exists (select from pg_depend p where p.classid = 'pg_statistic_ext'::regclass
        and p.objid = e.oid and p.refobjid = t.oid and p.refobjsubid = t.attnum)
  ), needed as (
    select owner as role, classid, objid, objsubid, true as owns from parts where objsubid = 0
    union select g.grantor, classid, objid, objsubid, false from parts, aclexplode(acl) g where g.grantor <> owner
  )
  select quote_ident(r.rolname) as role, r.rolsuper as "isSuperuser",
         coalesce(json_agg(o.type || ' ' || o.identity order by o.identity) filter (where owns), '[]') as owns,
         coalesce(json_agg(o.type || ' ' || o.identity order by o.identity) filter (where not owns), '[]') as granted,
         coalesce(json_agg(case classid when 'pg_statistic_ext'::regclass then format('alter statistics %s owner to %s', o.identity, heir.role)
                                       else format('alter table %s owner to %s', o.identity, heir.role) end)
           filter (where owns and o.type in ('statistics object', 'table')), '[]') as "handOver",
         format('grant %I to %I%s', r.rolname, current_user, case when current_setting('server_version_num')::int >= 160000 then ' with set true' else '' end) as sql
    from needed join pg_roles r on r.oid = needed.role, pg_identify_object(classid, objid, objsubid) o,
         (select quote_ident(case when w.rolsuper then current_user else w.rolname end) as role
            from target t join pg_roles w on w.oid = t.relowner limit 1) heir
   where not pg_has_role(r.oid, case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end)
   group by r.rolname, r.rolsuper order by 1`;

/** Empty for a superuser. @param column without one: of the whole table */
export const findRolesToBecome = (
  client: PostgresClient,
  { schema, table }: TableName,
  column?: string,
): Promise<RoleToBecome[]> =>
  withPlainNames(
    client,
    async () => (await client.query<RoleToBecome>(rolesToBecome, [schema, table, column ?? null])).rows,
  );
