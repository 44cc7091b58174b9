import type { PostgresClient } from '../postgres/postgres';
import { withPlainNames } from '../postgres/search-path';

/** A trigger that runs on changes of the schema, and can refuse them. */
export interface EventTrigger {
  /** Quoted where needed. */
  name: string;
  /** `ddl_command_start`, `ddl_command_end`, `sql_drop` or `table_rewrite`. */
  event: string;
  /** As `regprocedure` prints it. */
  function: string;
  /** Whether its source raises an exception at all; null = it has none that can be read. */
  raises: boolean | null;
  /** Of its source: changes with it. */
  md5: string;
}

/**
 * Those that fire in ordinary sessions on statements about tables and what is on them; one that is limited to other
 * statements (`when tag in ('CREATE FUNCTION')`) has nothing to do with a rollout.
 */
const enabled = `
  select quote_ident(e.evtname) as name, e.evtevent as event, p.oid::regprocedure::text as function, md5(p.prosrc) as md5,
         case when l.lanname = 'plpgsql'
              then p.prosrc ~* '\\mraise\\M(?!\\s+(notice|info|log|debug|warning)\\M)|\\massert\\M' end as raises
    from pg_event_trigger e join pg_proc p on p.oid = e.evtfoid join pg_language l on l.oid = p.prolang
   where e.evtenabled in ('O', 'A') and e.evtevent in ('ddl_command_start', 'ddl_command_end', 'sql_drop', 'table_rewrite')
     and (e.evttags is null or exists (
           select from unnest(e.evttags) tag
            where tag ~ 'TABLE|INDEX|TRIGGER|COMMENT|GRANT|REVOKE|SEQUENCE|STATISTICS|POLICY|RULE|PUBLICATION|PRIVILEGES|SELECT INTO|SECURITY LABEL'))
   order by 1`;

/** Those that could run on one of our statements; by name. Needs no right. */
export const findEventTriggers = (client: PostgresClient): Promise<EventTrigger[]> =>
  withPlainNames(client, async () => (await client.query<EventTrigger>(enabled)).rows);
