import type { PostgresClient } from '../postgres/postgres';
import { restricted } from '../scratch/server';

/**
 * CHECK constraints of a database that is being restored: its rows come first. A CHECK that looks at the clock, or calls a
 * function, refuses rows that it took once, and then the whole dump. So a trigger takes each one off as soon as its table
 * or domain is made, in the transaction of the restoration itself, and notes it. Only for a server of our own.
 */

const home = 'rubicon_checks';

/** As superuser, before anything is restored. */
export async function takeChecksOff(client: PostgresClient): Promise<void> {
  for (const sql of [
    `create schema ${home}`,
    // By numbers: a name could be taken again by another table.
    `create table ${home}.taken (relation oid, domain oid, name name, definition text, validated boolean)`,
    `create function ${home}.take_off() returns event_trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare made record;
begin
  for made in
    select k.oid, k.conrelid, k.contypid, k.conname, pg_get_constraintdef(k.oid) as definition, k.convalidated
      from pg_event_trigger_ddl_commands() c
      join pg_constraint k on k.contype = 'c' and (c.classid = 'pg_class'::regclass and k.conrelid = c.objid
                                                or c.classid = 'pg_type'::regclass and k.contypid = c.objid)
     where k.coninhcount = 0
  loop
    insert into ${home}.taken values (made.conrelid, made.contypid, made.conname, made.definition, made.convalidated);
    execute case when made.conrelid <> 0 then format('alter table %s drop constraint %I', made.conrelid::regclass, made.conname)
                 else format('alter domain %s drop constraint %I', made.contypid::regtype, made.conname) end;
  end loop;
end $$`,
    `grant usage on schema ${home} to ${restricted}`,
    `create event trigger ${home} on ddl_command_end when tag in ('CREATE TABLE', 'CREATE DOMAIN') execute function ${home}.take_off()`,
  ])
    await client.query(sql);
}

interface Taken {
  on: string;
  name: string;
  definition: string;
  relation: string;
}

/** As superuser, when the rows are there: all as it was, also that they are valid, without reading the rows. */
export async function putChecksOn(client: PostgresClient): Promise<void> {
  await client.query(`drop event trigger ${home}`);
  const { rows } = await client.query<Taken>(
    `select case when relation <> 0 then 'table ' || relation::regclass else 'domain ' || domain::regtype end as on,
            quote_ident(name) as name, definition, relation::int8::text as relation from ${home}.taken order by domain <> 0 desc`,
  );
  for (const { on, name, definition, relation } of rows) {
    // A partition has got it with its parent's, and takes none of its own beside that.
    const there = await client.query(
      `select from pg_constraint k join pg_class c on c.oid = k.conrelid and c.relispartition where k.conrelid = $1::oid and quote_ident(k.conname) = $2`,
      [relation, name],
    );
    if (there.rowCount > 0) continue;
    const unasked = / (?:NOT VALID|NOT ENFORCED)$/.test(definition) ? '' : ' not valid';
    await client.query(`alter ${on} add constraint ${name} ${definition}${unasked}`);
  }
  // Children of a table have got theirs from it.
  await client.query(
    `with recursive held as (
       select relation, domain, name from ${home}.taken where validated
       union select i.inhrelid, 0::oid, h.name from held h join pg_inherits i on i.inhparent = h.relation and h.relation <> 0)
     update pg_constraint k set convalidated = true from held h
      where k.contype = 'c' and not k.convalidated and k.conname = h.name and k.conrelid = h.relation and k.contypid = h.domain`,
  );
  await client.query(`drop schema ${home} cascade`);
}
