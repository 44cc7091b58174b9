import type { PostgresClient } from '../postgres/postgres';
import { withPlainNames } from '../postgres/search-path';
import type { TableName } from '../postgres/sql-name';

/** All that is needed to build a column again, and to see that it is the same as before. Its place in the row is not. */
export interface ColumnCapture extends TableName {
  /** Unquoted. */
  column: string;
  /**
   * Role that owns the table, unquoted: a right that no one granted to its grantor was granted by the owner. Undefined
   * in captures of earlier versions.
   */
  owner?: string;
  /** As `format_type` prints it: `character varying(256)`. */
  type: string;
  /** Qualified and quoted; null = the type's own. */
  collation: string | null;
  notNull: boolean;
  /** Expression of the default, or of a generated column; null = none. */
  default: string | null;
  /** Stored or, since PostgreSQL 18, virtual; `default` is then its expression. */
  generated: boolean;
  /** `a` = always, `d` = by default; null = not an identity column. */
  identity: 'a' | 'd' | null;
  /** Null = the server's default. */
  statisticsTarget: number | null;
  /** `plain`, `external`, `extended` or `main`; null = the type's own. */
  storage: string | null;
  /** Null = as `default_toast_compression` says at each write (PostgreSQL documentation, `pg_attribute`). */
  compression: 'pglz' | 'lz4' | null;
  /** Such as `n_distinct=-0.5`. */
  options: string[];
  /** Null = none. */
  comment: string | null;
  /** Rights on this column alone, by grantee and privilege. */
  grants: ColumnGrant[];
  /** Every index that names the column: as key, in an expression, in its predicate. By name. */
  indexes: IndexCapture[];
}

/** A right on a column. Who granted it is not part of it. */
export interface ColumnGrant {
  /** Quoted where needed; `public` = every role. */
  grantee: string;
  /** `select`, `insert`, `update` or `references`. */
  privilege: string;
  /** With grant option. */
  grantable: boolean;
}

/** An index, as far as a column that it names needs it back. */
export interface IndexCapture {
  /** Unquoted, like `name` and `tablespace`. */
  schema: string;
  name: string;
  /** As `pg_get_indexdef` prints it, every name qualified. */
  definition: string;
  /** Columns it names, in their order; more than one = it is dropped although other columns stay. */
  columns: string[];
  /** Condition of a partial index; null = it has all rows. */
  predicate: string | null;
  unique: boolean;
  /** False after a failed `create index concurrently`: the server does not use it. */
  valid: boolean;
  /** Null = the default one of the database. */
  tablespace: string | null;
  /** Null = none. */
  comment: string | null;
  /** The constraint that owns the index; null = none. Its name is unquoted. */
  constraint: { name: string; definition: string } | null;
  /** CLUSTER used this index last (PostgreSQL documentation, `pg_index`). */
  clustered: boolean;
  /** Chosen by REPLICA IDENTITY USING INDEX. */
  replicaIdentity: boolean;
}

const named = `(select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relname = $2)`;

const columnFacts = `
  select json_build_object(
    'schema', n.nspname, 'table', c.relname, 'column', a.attname, 'owner', pg_get_userbyid(c.relowner),
    'type', format_type(a.atttypid, a.atttypmod),
    'collation', case when a.attcollation <> t.typcollation then
      (select format('%I.%I', cn.nspname, co.collname) from pg_collation co join pg_namespace cn on cn.oid = co.collnamespace
        where co.oid = a.attcollation) end,
    'notNull', a.attnotnull,
    'default', pg_get_expr(d.adbin, d.adrelid),
    'generated', a.attgenerated <> '',
    'identity', nullif(a.attidentity, ''),
    'statisticsTarget', nullif(a.attstattarget, -1),
    'storage', case when a.attstorage <> t.typstorage then
      case a.attstorage when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main' else 'extended' end end,
    'compression', case a.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end,
    'options', (select coalesce(json_agg(o), '[]') from unnest(a.attoptions) o where not starts_with(o, 'pg_attver=')), -- the server's own
    'comment', col_description(a.attrelid, a.attnum),
    'grants', coalesce((
      select json_agg(json_build_object('grantee', grantee, 'privilege', privilege_type, 'grantable', is_grantable)
                      order by grantee, privilege_type)
        from (select case when g.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(g.grantee)) end as grantee,
                     lower(g.privilege_type) as privilege_type, g.is_grantable from aclexplode(a.attacl) g) granted), '[]')
  ) as capture, a.attrelid::int8::text as "tableOid", a.attnum as "columnNumber"
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    join pg_namespace n on n.oid = c.relnamespace
    join pg_type t on t.oid = a.atttypid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where a.attrelid = ${named} and a.attname = $3 and a.attnum > 0 and not a.attisdropped`;

/** Of the rows `i` of `pg_index`, with `c` of `pg_class` and `n` of `pg_namespace`. */
export const indexFacts = `
  json_build_object(
    'schema', n.nspname, 'name', c.relname, 'definition', pg_get_indexdef(i.indexrelid),
    'columns', (select json_agg(a.attname order by array_position(i.indkey::int2[], a.attnum), a.attname)
                  from pg_attribute a where a.attrelid = i.indrelid and a.attnum > 0 and (
                    a.attnum = any (i.indkey::int2[]) or exists (
                      select from pg_depend p where p.classid = 'pg_class'::regclass and p.objid = i.indexrelid
                         and p.refclassid = 'pg_class'::regclass and p.refobjid = i.indrelid and p.refobjsubid = a.attnum))),
    'predicate', pg_get_expr(i.indpred, i.indrelid), 'unique', i.indisunique, 'valid', i.indisvalid and i.indisready,
    'tablespace', (select spcname from pg_tablespace s where s.oid = c.reltablespace),
    'comment', obj_description(i.indexrelid, 'pg_class'),
    'constraint', (select json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid))
                     from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')),
    'clustered', i.indisclustered, 'replicaIdentity', i.indisreplident)`;

const indexesOfColumn = `
  select ${indexFacts} as capture
    from pg_index i
    join pg_class c on c.oid = i.indexrelid
    join pg_namespace n on n.oid = c.relnamespace
   where i.indrelid = $1::oid and ($2::int2 = any (i.indkey::int2[]) or exists (
           select from pg_depend p where p.classid = 'pg_class'::regclass and p.objid = i.indexrelid
              and p.refclassid = 'pg_class'::regclass and p.refobjid = i.indrelid and p.refobjsubid = $2))
   order by n.nspname, c.relname`;

/** A column as it is now, with its indexes; undefined if there is no such column (or table, or schema). */
export async function captureColumn(
  client: PostgresClient,
  { schema, table }: TableName,
  column: string,
): Promise<ColumnCapture | undefined> {
  return withPlainNames(client, async () => {
    type Row = { capture: Omit<ColumnCapture, 'indexes'>; tableOid: string; columnNumber: number };
    const { rows } = await client.query<Row>(columnFacts, [schema, table, column]);
    const found = rows[0];
    if (found === undefined) return undefined;
    const indexes = await client.query<{ capture: IndexCapture }>(indexesOfColumn, [
      found.tableOid,
      found.columnNumber,
    ]);
    return { ...found.capture, indexes: indexes.rows.map(({ capture }) => capture) };
  });
}

/** Names of a table's columns, sorted; undefined if there is no such table. */
export async function findColumns(client: PostgresClient, { schema, table }: TableName): Promise<string[] | undefined> {
  const { rows } = await client.query<{ columns: string[] | null }>(
    `select (select json_agg(a.attname order by a.attname collate "C") from pg_attribute a
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
       from pg_class c where c.oid = ${named} and c.relkind in ('r', 'p')`,
    [schema, table],
  );
  return rows[0] === undefined ? undefined : (rows[0].columns ?? []);
}

/** Names of the columns of a table's primary key; empty without one. */
export async function findPrimaryKey(client: PostgresClient, { schema, table }: TableName): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select a.attname as name from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey::int2[])
      where i.indrelid = ${named} and i.indisprimary and i.indisvalid`,
    [schema, table],
  );
  return rows.map(({ name }) => name);
}
