import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';
import { withPlainNames } from '../postgres/search-path';

/** One way in which rows of a table are published. */
export type Publication = {
  /** Quoted where needed, like every name here. */
  name: string;
  owner: string;
  comment: string | null;
  /** `insert, update, …`: what is published of its tables. */
  publishes: string;
  viaRoot: boolean;
} & (
  | { by: 'all tables'; tables: PublishedTable[] }
  /** Of the whole schema, perhaps of others, too. `tables`: those of these schemas, and `listed` on their own. */
  | { by: 'schema'; schemas: string[]; tables: PublishedTable[]; listed: string[] }
  /** The table itself, the partitioned table above it, or a partition below. */
  | { by: 'list'; table: PublishedTable }
);

/** A table as a publication has it, or would have it. */
export interface PublishedTable {
  /** Qualified. */
  name: string;
  /** Whether it is the table that was asked for, or one above it or below it, through which its rows are published. */
  isMeant: boolean;
  /** Whether it is exactly the table that was asked for. */
  isItself: boolean;
  /** What can be in a list of columns, in their order; unquoted. */
  columns: string[];
  /** The list that there is; null = none, so all of them. Unquoted. */
  list: string[] | null;
  /** Condition of the rows that are published, as the server prints it; null = all rows. */
  filter: string | null;
  /** Columns that the filter names. */
  filterColumns: string[];
  /** Columns by which subscribers find a row again; null = by all of them (replica identity full). */
  identity: string[] | null;
  /** Columns of its primary key; empty = it has none, or a deferrable one, which is no replica identity (PostgreSQL's `RelationGetIndexList`). */
  key: string[];
  /** Of a partitioned table: those of its partitions that hold rows, all of them. */
  leaves: string[];
}

/** The table, those above it and those below it: where any of them is published, its rows are. */
const relatives = `
  with recursive target as (
    select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2
  ), above as (
    select oid from target
    union select i.inhparent from above a join pg_inherits i on i.inhrelid = a.oid join pg_partitioned_table p on p.partrelid = i.inhparent
  ), below as (
    select oid from target
    union select i.inhrelid from below b join pg_inherits i on i.inhparent = b.oid join pg_partitioned_table p on p.partrelid = i.inhparent
  ), meant as (select oid from above union select oid from below)`;

const publication = `
  quote_ident(p.pubname) as name, quote_ident(pg_get_userbyid(p.pubowner)) as owner, obj_description(p.oid, 'pg_publication') as comment,
  concat_ws(', ', case when pubinsert then 'insert' end, case when pubupdate then 'update' end,
                  case when pubdelete then 'delete' end, case when pubtruncate then 'truncate' end) as publishes,
  p.pubviaroot as "viaRoot"`;

/** Of the table `c`, by its place `r` in the list of the publication, which may be null. */
const asPublished = `json_build_object(
  'name', c.oid::regclass::text, 'isMeant', c.oid in (select oid from meant), 'isItself', c.oid in (select oid from target),
  'columns', (select coalesce(json_agg(a.attname order by a.attnum), '[]') from pg_attribute a
               where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                 and (a.attgenerated = '' or a.attnum = any (r.prattrs::int2[]))),
  'list', case when r.prattrs is not null then (
     select json_agg(a.attname order by a.attnum) from pg_attribute a where a.attrelid = c.oid and a.attnum = any (r.prattrs::int2[])) end,
  'filter', pg_get_expr(r.prqual, r.prrelid),
  'filterColumns', (select coalesce(json_agg(a.attname), '[]') from pg_attribute a
     where a.attrelid = c.oid and a.attnum > 0 and r.prqual::text like '%:varattno ' || a.attnum || ' %'),
  'key', (select coalesce(json_agg(a.attname), '[]') from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey::int2[])
           where i.indrelid = c.oid and i.indisprimary and i.indimmediate),
  'leaves', (select coalesce(json_agg(l.relid::regclass::text order by l.relid::regclass::text), '[]') from pg_partition_tree(c.oid) l
              where c.relkind = 'p' and l.isleaf),
  'identity', case when not exists (select from pg_class x where x.relreplident = 'f' and (x.oid = c.oid or x.oid in (select relid from pg_partition_tree(c.oid)))) then (
     select coalesce(json_agg(a.attname), '[]') from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey::int2[])
      where i.indrelid = c.oid and case c.relreplident when 'd' then i.indisprimary and i.indimmediate when 'i' then i.indisreplident else false end) end)`;

const byList = `${relatives}
  select ${publication}, 'list' as by, ${asPublished} as table
    from pg_publication_rel r join pg_publication p on p.oid = r.prpubid join pg_class c on c.oid = r.prrelid
   where r.prrelid in (select oid from meant)
     and not exists (select from pg_publication_namespace s join meant m on true join pg_class x on x.oid = m.oid
                      where s.pnpubid = p.oid and s.pnnspid = x.relnamespace)
   order by p.pubname, c.oid::regclass::text`;

const bySchema = `${relatives}
  select ${publication}, 'schema' as by,
         (select json_agg(quote_ident(n.nspname) order by n.nspname) from pg_publication_namespace s join pg_namespace n on n.oid = s.pnnspid
           where s.pnpubid = p.oid) as schemas,
         (select coalesce(json_agg(${asPublished} order by c.oid::regclass::text), '[]')
            from pg_publication_namespace s join pg_class c on c.relnamespace = s.pnnspid
            left join pg_publication_rel r on r.prpubid = p.oid and r.prrelid = c.oid
           where s.pnpubid = p.oid and c.relkind in ('r', 'p') and c.relpersistence = 'p') as tables,
         (select coalesce(json_agg(r.prrelid::regclass::text), '[]') from pg_publication_rel r where r.prpubid = p.oid) as listed
    from pg_publication p
   where exists (select from pg_publication_namespace s join meant m on true join pg_class x on x.oid = m.oid
                  where s.pnpubid = p.oid and s.pnnspid = x.relnamespace)
   order by p.pubname`;

/** As PostgreSQL chooses them: nothing of its own, and partitions through the table above them. */
const byAll = `${relatives}
  select ${publication}, 'all tables' as by,
         (select coalesce(json_agg(${asPublished} order by c.oid::regclass::text), '[]')
            from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_publication_rel r on false
           where c.relkind in ('r', 'p') and c.relpersistence = 'p' and not c.relispartition and c.oid >= 16384
             and n.nspname <> 'information_schema') as tables
    from pg_publication p where p.puballtables and exists (select from target) order by p.pubname`;

/** Every publication that has rows of this table, and how it comes to have them. */
export function findPublications(client: PostgresClient, { schema, table }: TableName): Promise<Publication[]> {
  return withPlainNames(client, async () => {
    const found: Publication[] = [];
    for (const sql of [byList, bySchema, byAll])
      found.push(...(await client.query<Publication>(sql, [schema, table])).rows);
    return found;
  });
}
