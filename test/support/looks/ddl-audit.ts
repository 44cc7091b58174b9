import { Client } from 'pg';

/** A change of the schema that was committed. */
export interface AuditedDdl {
  transaction: string;
  application: string;
  /** `rename`, `create trigger`, `drop column`, `drop trigger`; others as the server names them. */
  what: string;
  /** `public.sessions.owner_api_key`. */
  object: string;
}

/**
 * An event trigger that notes every change of the schema, with the session that made it, in the transaction of the
 * change. It sees what is really done, whatever receipts and state rows say, by a role that may not write its notes.
 */
const install = [
  'create schema audit',
  `create table audit.ddl (
    noted_at timestamptz not null default clock_timestamp(),
    transaction text not null default pg_current_xact_id()::text,
    application text not null default current_setting('application_name'),
    what text not null,
    object text not null
  )`,
  `create function audit.note_command() returns event_trigger language plpgsql security definer as $$
  begin
    insert into audit.ddl (what, object)
      select case when object_type = 'table column' and command_tag = 'ALTER TABLE' then 'rename' else lower(command_tag) end, coalesce(object_identity, '') -- grants have none
        from pg_event_trigger_ddl_commands() where schema_name is distinct from 'pg_temp';
  end $$`,
  `create function audit.note_drop() returns event_trigger language plpgsql security definer as $$
  begin
    insert into audit.ddl (what, object)
      select 'drop ' || case when object_type = 'table column' then 'column' else object_type end, object_identity
        from pg_event_trigger_dropped_objects() where not is_temporary;
  end $$`,
  'create event trigger note_command on ddl_command_end execute function audit.note_command()',
  'create event trigger note_drop on sql_drop execute function audit.note_drop()',
];

export async function installAudit(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  for (const sql of install) await client.query(sql);
  await client.end();
}

/** All of them, in their order. */
export const readAudit = `select transaction, application, what, object from audit.ddl order by noted_at`;
