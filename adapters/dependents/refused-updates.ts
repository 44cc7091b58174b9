import type { PostgresClient } from '../postgres/postgres';
import { withPlainNames } from '../postgres/search-path';
import type { TableName } from '../postgres/sql-name';

/** A table, or a partition, in which the server refuses to update a row (SQLSTATE 55000). */
export interface RefusedUpdates {
  /** Qualified, quoted where needed. */
  table: string;
  /** Publications that publish its updates; quoted where needed. */
  publications: string[];
  /** Complete: lets it be updated, and changes nothing else. */
  alter: string;
}

/**
 * Tables whose updates are published although nothing tells subscribers which row is meant: no replica identity (`nothing`,
 * or `default` without a primary key that is checked at once). PostgreSQL's `CheckCmdReplicaIdentity`. Empty = none.
 */
export const findRefusedUpdates = (client: PostgresClient, { schema, table }: TableName): Promise<RefusedUpdates[]> =>
  withPlainNames(client, async () => (await client.query<RefusedUpdates>(refused, [schema, table])).rows);

const refused = `
  select c.oid::regclass::text as table, p.names as publications,
         format('alter table only %s replica identity %s', c.oid::regclass, case when key.here then 'default' else 'full' end) as alter
    from pg_class t join pg_namespace n on n.oid = t.relnamespace
    cross join lateral (select relid from pg_partition_tree(t.oid) where isleaf union select t.oid where t.relkind = 'r') leaf
    join pg_class c on c.oid = leaf.relid
    cross join lateral (select exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary and i.indimmediate and i.indisvalid) as here) key
    cross join lateral (
      select array_agg(quote_ident(b.pubname) order by b.pubname) as names from pg_publication b
       where b.pubupdate and (b.puballtables or exists (
         select from (select c.oid as relid union select relid from pg_partition_ancestors(c.oid)) way
          where exists (select from pg_publication_rel r where r.prpubid = b.oid and r.prrelid = way.relid)
             or exists (select from pg_publication_namespace s join pg_class w on w.relnamespace = s.pnnspid
                         where s.pnpubid = b.oid and w.oid = way.relid)))) p
   where n.nspname = $1 and t.relname = $2 and c.relpersistence = 'p' and p.names is not null
     and case c.relreplident when 'f' then false when 'd' then not key.here
              when 'i' then not exists (select from pg_index i where i.indrelid = c.oid and i.indisreplident and i.indisvalid) else true end
   order by 1`;
