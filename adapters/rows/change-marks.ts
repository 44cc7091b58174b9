import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';

/**
 * What can't stay the same if rows of these tables were written past their triggers: the tables with their partitions and the
 * files that they are in, every trigger and function that runs on a write, each by the transaction that has written its
 * row of the catalogue last. Two equal answers: no trigger was off in between, nothing was rewritten, attached or detached.
 * For comparing only.
 */
export async function readChangeMarks(client: PostgresClient, tables: readonly TableName[]): Promise<string> {
  const { rows } = await client.query<{ marks: string }>(
    `with recursive tree as (
       select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
         join unnest($1::text[], $2::text[]) as named (schema, name) on named.schema = n.nspname and named.name = c.relname
       union select i.inhrelid from pg_inherits i join tree t on i.inhparent = t.oid
     ), triggers as (
       select g.oid, g.xmin::text as written, g.tgfoid from pg_trigger g join tree t on t.oid = g.tgrelid)
     select json_build_array(
       (select json_agg(json_build_array(c.oid, c.relfilenode) order by c.oid) from tree t join pg_class c on c.oid = t.oid),
       (select json_agg(json_build_array(g.oid, g.written) order by g.oid) from triggers g),
       (select json_agg(json_build_array(p.oid, p.xmin::text) order by p.oid) from pg_proc p
         where p.oid in (select tgfoid from triggers)))::text as marks`,
    [tables.map(({ schema }) => schema), tables.map(({ table }) => table)],
  );
  return rows[0]?.marks ?? '';
}
