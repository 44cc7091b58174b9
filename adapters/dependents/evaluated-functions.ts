import type { PostgresClient } from '../postgres/postgres';
import { withPlainNames } from '../postgres/search-path';
import { statementsOf } from './source-tokens';

/** A function that the server calls by itself when rows are restored or written. */
export interface EvaluatedFunction {
  /** As text. */
  oid: string;
  /** As `regprocedure` prints it, qualified. */
  name: string;
  /** Such as `sql` or `plpgsql`; never `c` or `internal`. */
  language: string;
  /** Its body, `prosrc`. */
  source: string;
  /** Quoted where needed; null = no extension's. */
  extension: string | null;
  /** What leads to it: `index public.words_plain_idx`, `CHECK c of public.t` … */
  places: string[];
}

/**
 * From indexes, generated columns, checks, domains and materialized views, along what the server has recorded: operators,
 * operator classes with their functions, types, and what functions with a parsed body call. Policies and triggers are not
 * among them: a restoration makes them when the rows are there, and our own writes leave them to the search path of the role.
 */
const evaluated = `
  with recursive starts as (
    select 'pg_class'::regclass::oid as classid, i.indexrelid as objid, 'index ' || i.indexrelid::regclass as place from pg_index i
    union all
    select 'pg_attrdef'::regclass, d.oid, format('generated column %s.%I', d.adrelid::regclass, a.attname)
      from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum where a.attgenerated <> ''
    union all
    select 'pg_constraint'::regclass, k.oid, case when k.conrelid = 0 then format('CHECK %I of domain %s', k.conname, k.contypid::regtype)
                                                else format('CHECK %I of %s', k.conname, k.conrelid::regclass) end
      from pg_constraint k where k.contype = 'c'
    union all
    select 'pg_rewrite'::regclass, r.oid, 'materialized view ' || c.oid::regclass
      from pg_rewrite r join pg_class c on c.oid = r.ev_class where c.relkind = 'm'
    union all
    select 'pg_partitioned_table'::regclass, p.partrelid, 'partition key of ' || p.partrelid::regclass from pg_partitioned_table p
  ), reached as (
    select classid, objid, place from starts
    union
    select next.classid, next.objid, r.place from reached r cross join lateral (
      select d.refclassid as classid, d.refobjid as objid from pg_depend d where d.classid = r.classid and d.objid = r.objid and d.deptype in ('n', 'a')
      union all
      select 'pg_class'::regclass, r.objid where r.classid = 'pg_partitioned_table'::regclass
      union all
      select 'pg_proc'::regclass, m.amproc from pg_opclass o join pg_amproc m on m.amprocfamily = o.opcfamily
       where r.classid = 'pg_opclass'::regclass and o.oid = r.objid
      union all
      select 'pg_operator'::regclass, m.amopopr from pg_opclass o join pg_amop m on m.amopfamily = o.opcfamily
       where r.classid = 'pg_opclass'::regclass and o.oid = r.objid
    ) next
     where next.classid in ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass, 'pg_type'::regclass)
       and next.objid >= 16384
  )
  select p.oid::text as oid, p.oid::regprocedure::text as name, l.lanname as language, p.prosrc as source,
         (select quote_ident(e.extname) from pg_depend x join pg_extension e on e.oid = x.refobjid
           where x.classid = 'pg_proc'::regclass and x.objid = p.oid and x.deptype = 'e') as extension,
         array_agg(distinct r.place order by r.place) as places
    from reached r join pg_proc p on r.classid = 'pg_proc'::regclass and p.oid = r.objid join pg_language l on l.oid = p.prolang
   where l.lanname not in ('c', 'internal') and p.prosqlbody is null
     and not exists (select from unnest(p.proconfig) s where starts_with(s, 'search_path='))
   group by p.oid, l.lanname order by 2`;

/** What a source calls by schema and name: the server records it for parsed bodies alone. */
const called = `
  select p.oid::text as oid, p.oid::regprocedure::text as name, l.lanname as language, p.prosrc as source, null as extension, '{}'::text[] as places
    from unnest($1::text[], $2::text[]) c (schema, name) join pg_namespace n on n.nspname = c.schema
    join pg_proc p on p.pronamespace = n.oid and p.proname = c.name join pg_language l on l.oid = p.prolang
   where n.nspname <> 'pg_catalog' and l.lanname not in ('c', 'internal') and p.prosqlbody is null
     and not exists (select from unnest(p.proconfig) s where starts_with(s, 'search_path='))
   order by 2`;

/** Functions that this one calls by their schema, and that find names as it does; used wherever it is. */
export async function findCalledFunctions(
  client: PostgresClient,
  { source, places }: EvaluatedFunction,
): Promise<EvaluatedFunction[]> {
  const tokens = (await statementsOf(source))?.flat() ?? [];
  const calls = tokens.flatMap(({ kind, value }, index) =>
    kind === 'name' && tokens[index + 1]?.value === '(' && tokens[index - 1]?.value === '.'
      ? [{ schema: tokens[index - 2]?.value ?? '', name: value }]
      : [],
  );
  if (calls.length === 0) return [];
  const names = [calls.map(({ schema }) => schema), calls.map(({ name }) => name)];
  const { rows } = await withPlainNames(client, () => client.query<EvaluatedFunction>(called, names));
  return rows.map((row) => ({ ...row, places }));
}

/**
 * Those that find names by the search path of their caller: neither parsed by the server nor with a path of their own.
 */
export const findEvaluatedFunctions = (client: PostgresClient): Promise<EvaluatedFunction[]> =>
  withPlainNames(client, async () => (await client.query<EvaluatedFunction>(evaluated)).rows);
