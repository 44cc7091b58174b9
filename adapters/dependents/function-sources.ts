import type { PostgresClient } from '../postgres/postgres';
import type { ObjectAddress } from '../catalogue/taken-away';
import { mentions, type Mentioned, type Source } from './source-mentions';

/** A function whose source has the name of a column or a table in it. */
export interface MentioningFunction {
  /** As `regprocedure` prints it, qualified. */
  name: string;
  /** As {@link mentions} judges it. */
  certainty: 'certain' | 'possible';
  /** Of its source: changes with it. */
  md5: string;
  /** Where the catalogue has it. */
  object: ObjectAddress;
}

/**
 * The others' names decide what a bare word means. `BEGIN ATOMIC` bodies are parsed by the server, which knows what they
 * name; C has no source.
 */
const sources = `
  select p.oid::regprocedure::text as name, l.lanname as language, p.prosrc as text, md5(p.prosrc) as md5,
         json_build_object('classid', 'pg_proc'::regclass::oid::int8::text, 'objid', p.oid::int8::text, 'objsubid', 0) as object,
         coalesce(p.proargnames, '{}') as parameters,
         exists (select from pg_trigger g where g.tgfoid = p.oid and g.tgrelid = t.oid and not g.tgisinternal) as "isTriggerOfTable"
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang,
         (select c.oid from pg_class c join pg_namespace s on s.oid = c.relnamespace where s.nspname = $1 and c.relname = $2) t
   where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and n.nspname <> 'rubicon'
     and l.lanname not in ('c', 'internal') and p.prosqlbody is null and position(lower($3) in lower(p.prosrc)) > 0
   order by name`;

const others = `
  select n.nspname::text as schema, c.relname::text as table from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname <> 'information_schema' and not (n.nspname = $1 and c.relname = $2)
     and case when $3::text is null then c.relname = $2
              else exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = $3 and a.attnum > 0 and not a.attisdropped) end`;

/** In every schema but the system's, functions of extensions included. Names that a source composes are not seen. */
export async function findMentioningFunctions(
  client: PostgresClient,
  { schema, table, column }: { schema: string; table: string; column?: string },
): Promise<MentioningFunction[]> {
  const found = await client.query<Source & Omit<MentioningFunction, 'certainty'>>(sources, [
    schema,
    table,
    column ?? table,
  ]);
  if (found.rows.length === 0) return [];
  const same = await client.query<{ schema: string; table: string }>(others, [schema, table, column ?? null]);
  const what: Mentioned = {
    schema,
    table,
    ...(column !== undefined && { column }),
    others: same.rows,
  };
  const functions: MentioningFunction[] = [];
  for (const { name, md5, object, ...source } of found.rows) {
    const certainty = await mentions(source, what);
    if (certainty !== 'none') functions.push({ name, certainty, md5, object });
  }
  return functions;
}
