import type { PostgresClient } from '../postgres/postgres';
import { withPlainNames } from '../postgres/search-path';

/** What an index is to others, besides a quicker way to rows. Names are qualified and quoted. */
export interface IndexRole {
  /** Its own name, and its table's. */
  name: string;
  table: string;
  /** Of its table: `r` = an ordinary one, `p` = partitioned, `m` = a materialized view (PostgreSQL documentation, `pg_class`). */
  tableKind: string;
  unique: boolean;
  /** False after a failed `create index concurrently`: the server does not read it. */
  valid: boolean;
  /** The constraint that it carries out; null = none. */
  constraint: { name: string; kind: 'primary key' | 'unique constraint' | 'exclusion constraint' } | null;
  /** Logical replication finds rows by it. */
  replicaIdentity: boolean;
  /** It is one of a partitioned table, with one in each partition. */
  partitioned: boolean;
  /** The index of the partitioned table that it is a part of; null = none. */
  parent: string | null;
  /** Foreign keys of other tables that point at its columns, and lean on it. */
  referencedBy: string[];
  /** Other usable indexes that hold the same rule; only of a unique one. */
  sameRule: string[];
  /** Foreign keys of its own table that no other usable index serves. */
  serves: string[];
}

const named = `(select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2)`;

/** Others that stay, and that the server reads. `$3`, `$4`: schemas and names of those that go. */
const others = `o.indrelid = i.indrelid and o.indexrelid <> i.indexrelid and o.indisvalid and o.indisready
  and o.indexrelid not in (
    select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join unnest($3::text[], $4::text[]) g(schema, name) on g.schema = n.nspname and g.name = c.relname)`;

const keysOf = (index: string): string => `(${index}.indkey::int2[])[0:${index}.indnkeyatts - 1]`;

/** The same columns or expressions, compared in the same way, in the same order, for the same rows. */
const isSameRule = `o.indisunique and o.indimmediate and ${keysOf('o')} = ${keysOf('i')}
  and (o.indclass::oid[])[0:o.indnkeyatts - 1] = (i.indclass::oid[])[0:i.indnkeyatts - 1]
  and (o.indcollation::oid[])[0:o.indnkeyatts - 1] = (i.indcollation::oid[])[0:i.indnkeyatts - 1]
  and pg_get_expr(o.indexprs, o.indrelid) is not distinct from pg_get_expr(i.indexprs, i.indrelid)
  and pg_get_expr(o.indpred, o.indrelid) is not distinct from pg_get_expr(i.indpred, i.indrelid)
  and to_jsonb(o) -> 'indnullsnotdistinct' is not distinct from to_jsonb(i) -> 'indnullsnotdistinct'`;

/** It begins with the columns of the foreign key, in whatever order, and has every row. */
const serves = (index: string): string => `${index}.indpred is null and ${index}.indnkeyatts >= cardinality(k.conkey)
  and (select array_agg(x order by x) from unnest((${index}.indkey::int2[])[0:cardinality(k.conkey) - 1]) x)
    = (select array_agg(y order by y) from unnest(k.conkey) y)`;

const select = `
  select i.indexrelid::regclass::text as name, t.oid::regclass::text as table, t.relkind as "tableKind", i.indisunique as unique, i.indisvalid and i.indisready as valid,
         i.indisreplident as "replicaIdentity", c.relkind = 'I' as partitioned,
         (select json_build_object('name', k.conname, 'kind', case k.contype when 'p' then 'primary key' when 'u' then 'unique constraint' else 'exclusion constraint' end)
            from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')) as constraint,
         (select h.inhparent::regclass::text from pg_inherits h where h.inhrelid = i.indexrelid) as parent,
         coalesce((select json_agg(format('%I of %s', k.conname, k.conrelid::regclass) order by k.conname)
            from pg_constraint k where k.conindid = i.indexrelid and k.contype = 'f'), '[]') as "referencedBy",
         coalesce((select json_agg(o.indexrelid::regclass::text order by o.indexrelid::regclass::text) from pg_index o where i.indisunique and ${others} and ${isSameRule}), '[]') as "sameRule",
         coalesce((select json_agg(format('%I', k.conname) order by k.conname)
            from pg_constraint k where k.conrelid = i.indrelid and k.contype = 'f' and ${serves('i')}
             and not exists (select from pg_index o where ${others} and ${serves('o')})), '[]') as serves
    from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
   where i.indexrelid = ${named}`;

/** Undefined if there is no such index. `going`: all that go with it, so that none counts as one that stays. */
export const findIndexRole = (
  client: PostgresClient,
  { schema, index }: { schema: string; index: string },
  beingRemoved: readonly { schema: string; index: string }[],
): Promise<IndexRole | undefined> =>
  withPlainNames(client, async () => {
    const { rows } = await client.query<IndexRole>(select, [
      ...[schema, index, beingRemoved.map((each) => each.schema), beingRemoved.map((each) => each.index)],
    ]);
    return rows[0];
  });
