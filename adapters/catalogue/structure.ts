import type { TableName } from '../postgres/sql-name';
import { withPlainNames } from '../postgres/search-path';
import type { PostgresClient } from '../postgres/postgres';

/** A table's structure as text; equal structures are equal values, whatever their order in the catalogue. */
export interface TableCapture extends TableName {
  kind: 'table' | 'partitioned table';
  /** Role, unquoted. */
  owner: string;
  /** Temporary tables are not captured. */
  persistence: 'permanent' | 'unlogged';
  /** Null = none. */
  comment: string | null;
  /** Whether it is enabled; whether it also binds the owner (FORCE) is not captured. */
  rowSecurity: boolean;
  /** `d` = default, `n` = nothing, `f` = all columns, `i` = an index (PostgreSQL documentation, `pg_class`). */
  replicaIdentity: string;
  /** Rights on the table, as `role: privilege`. */
  grants: string[];
  /** By name; its place in the row is left out, since a column that came back stands at the end. */
  columns: { name: string; type: string; notNull: boolean; default: string | null; comment: string | null }[];
  /** By name; definitions as `pg_get_indexdef` prints them. */
  indexes: { name: string; definition: string; valid: boolean }[];
  /** By name; definitions as `pg_get_constraintdef` prints them. */
  constraints: { name: string; definition: string }[];
  /**
   * By name, without internal ones. `enabled`: `O` = in ordinary sessions, `D` = never, `R` = in replica mode, `A` =
   * always (PostgreSQL documentation, `pg_trigger`).
   */
  triggers: { name: string; definition: string; enabled: string }[];
  /**
   * By name. The definition is the command (`r`, `a`, `w`, `d`, `*`), USING and WITH CHECK (PostgreSQL documentation,
   * `pg_policy`).
   */
  policies: { name: string; definition: string }[];
}

const tableFacts = `
  select json_build_object(
    'schema', n.nspname, 'table', c.relname,
    'kind', case c.relkind when 'p' then 'partitioned table' else 'table' end,
    'owner', pg_get_userbyid(c.relowner),
    'persistence', case c.relpersistence when 'u' then 'unlogged' else 'permanent' end,
    'comment', obj_description(c.oid, 'pg_class'), 'rowSecurity', c.relrowsecurity, 'replicaIdentity', c.relreplident,
    'grants', coalesce((
      select json_agg(line order by line collate "C") from (
        select format('%s: %s%s', case when g.grantee = 0 then 'public' else pg_get_userbyid(g.grantee)::text end,
                      lower(g.privilege_type), case when g.is_grantable then ' with grant option' else '' end) as line
          from aclexplode(c.relacl) g) granted), '[]'),
    'columns', coalesce((
      select json_agg(json_build_object(
               'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull,
               'default', pg_get_expr(d.adbin, d.adrelid), 'comment', col_description(c.oid, a.attnum))
             order by a.attname collate "C")
        from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]'),
    'indexes', coalesce((
      select json_agg(json_build_object('name', ic.relname, 'definition', pg_get_indexdef(i.indexrelid), 'valid', i.indisvalid)
                      order by ic.relname collate "C")
        from pg_index i join pg_class ic on ic.oid = i.indexrelid where i.indrelid = c.oid), '[]'),
    'constraints', coalesce((
      select json_agg(json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid))
                      order by k.conname collate "C")
        from pg_constraint k where k.conrelid = c.oid), '[]'),
    'triggers', coalesce((
      select json_agg(json_build_object('name', g.tgname, 'definition', pg_get_triggerdef(g.oid), 'enabled', g.tgenabled)
                      order by g.tgname collate "C")
        from pg_trigger g where g.tgrelid = c.oid and not g.tgisinternal), '[]'),
    'policies', coalesce((
      select json_agg(json_build_object('name', p.polname, 'definition',
               concat_ws(' ', p.polcmd, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)))
                      order by p.polname collate "C")
        from pg_policy p where p.polrelid = c.oid), '[]')
  ) as capture
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and c.relpersistence <> 't'
     and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
     and ($1::text[] is null or (n.nspname, c.relname) in (select * from unnest($1::text[], $2::text[])))
   order by n.nspname collate "C", c.relname collate "C"`;

/**
 * Structure of the named tables, or of every table outside the system's schemas: to see that what a plan does not name
 * is untouched. A named table that is missing is missing in the answer. No rows, no sizes, no object ids.
 */
export async function captureTables(client: PostgresClient, tables?: readonly TableName[]): Promise<TableCapture[]> {
  const names = tables === undefined ? [null, null] : [tables.map((t) => t.schema), tables.map((t) => t.table)];
  return withPlainNames(client, async () => {
    const { rows } = await client.query<{ capture: TableCapture }>(tableFacts, names);
    return rows.map(({ capture }) => capture);
  });
}
