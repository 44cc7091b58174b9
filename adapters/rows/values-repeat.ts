import type { PostgresClient } from '../postgres/postgres';
import type { ClassesQuery } from './range-classes';

/**
 * Whether it is worth asking each pair of values once. By the planner's statistics, if there are any: ten rows of a value or
 * more, as where an owner has many. And only where values that are grouped are the same byte by byte: of "User7" and "user7" one would be proven, and both be counted.
 */
export async function valuesRepeat(
  session: PostgresClient,
  { schema, table, removed, replacement }: ClassesQuery,
): Promise<boolean> {
  const { rows } = await session.query<{ repeats: boolean }>(
    `select case when s.n_distinct > 0 then s.n_distinct <= c.reltuples / 10 else s.n_distinct >= -0.1 end as repeats
       from pg_stats s join pg_namespace n on n.nspname = s.schemaname
       join pg_class c on c.relnamespace = n.oid and c.relname = s.tablename
      where s.schemaname = $1 and s.tablename = $2 and s.attname = $3 and not exists (
            select from pg_attribute a left join pg_collation k on k.oid = a.attcollation
             where a.attrelid = c.oid and a.attname in ($3, $4) and (not k.collisdeterministic or a.atttypid not in (
                   'text'::regtype, 'varchar'::regtype, 'int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'uuid'::regtype)))
      order by s.inherited desc limit 1`,
    [schema, table, replacement, removed],
  );
  return rows[0]?.repeats === true;
}
