import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';
import { withPlainNames } from '../postgres/search-path';
import { readCatalogues } from './catalogue-columns';
import { selectRows, selectSaid } from './catalogue-select';

/** A table with all that belongs to it; with `column`, that column alone with all that goes with it. */
export interface SnapshotTarget extends TableName {
  /** Unquoted; absent = the whole table. */
  column?: string;
}

/** What the server's catalogue says of some objects, whatever it is: by object, then by attribute. */
export interface CatalogueSnapshot {
  /** Of the server; another version says things in other words. */
  major: number;
  /** By kind and name, such as `index public.sessions_key`. */
  objects: Record<string, CatalogueFacts>;
}

/** Names in place of numbers, source text in place of trees. What is null, false or empty is left out. */
export type CatalogueFacts = Record<string, unknown>;

/** What goes by itself when the object goes, or is a part of it: so whatever has to come back. */
const reach = `
  with recursive target as (
    select c.oid, coalesce(a.attnum, 0)::int as sub, w.col is null as whole
      from unnest($1::text[], $2::text[], $3::text[]) as w(sch, tab, col)
      join pg_namespace n on n.nspname = w.sch
      join pg_class c on c.relnamespace = n.oid and c.relname = w.tab
      left join pg_attribute a on a.attrelid = c.oid and a.attname = w.col and not a.attisdropped
     where w.col is null or a.attnum is not null
  ), reached as (
    select 'pg_class'::regclass::oid as classid, oid as objid, sub from target
    union select 'pg_constraint'::regclass, k.oid, 0 from pg_constraint k join target t on t.whole and k.confrelid = t.oid and k.contype = 'f'
    union
    select p.classid, p.objid, 0 from reached r
      join pg_depend p on p.refclassid = r.classid and p.refobjid = r.objid and r.sub in (0, p.refobjsubid)
     where p.deptype in ('a', 'i', 'P', 'S') and p.objsubid = 0
  )
  select (select relname from pg_class where oid = r.classid) as catalogue, r.objid::int8::text as id, r.sub
    from reached r
   where not (r.classid = 'pg_class'::regclass and exists (
           select from pg_index i join pg_class t on t.oid = i.indrelid where i.indexrelid = r.objid and t.relkind = 't'))
     and not (r.classid = 'pg_trigger'::regclass and exists (
           select from pg_trigger g where g.oid = r.objid and g.tgname ~ '^(zz_)?rubicon_(freeze|guard)_'))`;

/**
 * Every attribute of every row of the catalogue that belongs to these tables or columns: so that "as it was" means
 * everything that this server knows, and not a list of our own. Our own triggers are no part of it. A target that is not there
 * has no objects. Reads only; needs no right.
 */
export async function snapshotOf(
  client: PostgresClient,
  targets: readonly SnapshotTarget[],
): Promise<CatalogueSnapshot> {
  return withPlainNames(client, async () => {
    await client.query('set local jit = off'); // catalogues are small: to compile takes longer than to read them
    const version = await client.query<{ major: number }>(
      `select current_setting('server_version_num')::int / 10000 as major`,
    );
    const objects: CatalogueSnapshot['objects'] = {};
    const reached = await client.query<{ catalogue: string; id: string; sub: number }>(reach, [
      targets.map(({ schema }) => schema),
      targets.map(({ table }) => table),
      targets.map(({ column }) => column ?? null),
    ]);
    const catalogues = await readCatalogues(client);
    for (const name of new Set(reached.rows.map(({ catalogue }) => catalogue))) {
      const rows = reached.rows.filter(({ catalogue }) => catalogue === name);
      const places = [rows.map(({ id }) => id), rows.map(({ sub }) => sub)];
      for (const sql of [...catalogues.filter(({ keyOf }) => keyOf === name).map(selectRows), selectSaid(name)])
        addTo(objects, (await client.query<Found>(sql, places)).rows);
    }
    return { major: version.rows[0]?.major ?? 0, objects };
  });
}

interface Found {
  object: string;
  list: string | null;
  facts: CatalogueFacts;
}

function addTo(objects: CatalogueSnapshot['objects'], found: readonly Found[]): void {
  for (const { object, list, facts } of found) {
    const known = (objects[object] ??= {});
    if (list === null) Object.assign(known, facts);
    else known[list] = [...((known[list] as CatalogueFacts[] | undefined) ?? []), facts].sort(byText);
  }
}

const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
