import pg from 'pg';
import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';
import { PostgresError } from '../postgres/postgres-error';

/** Some pages of a table (or of one of its partitions): where `ctid >= from and ctid < to`. */
export interface PageRange {
  /** Quoted name; a page number means something in this relation only. */
  relation: string;
  /** A `ctid`, such as `(2048,0)`. */
  from: string;
  /** A `ctid`; it is no part of the range. */
  to: string;
}

/** Which table is walked, and how much of it at once: a number of pages, or of rows by the planner's estimate. */
export type PageWalk = { table: TableName } & ({ pages: number } | { rows: number });

/**
 * Calls back for range after range of the table's pages, in order. The table can grow meanwhile: the new pages are walked,
 * too.
 */
export async function walkPages(
  client: PostgresClient,
  walk: PageWalk,
  onRange: (range: PageRange) => Promise<void>,
): Promise<void> {
  for (const { name: relation } of await relationsOf(client, walk.table)) {
    const pages = 'pages' in walk ? walk.pages : await pagesOf(client, relation, walk.rows);
    for (let from = 0; from < (await pageCount(client, relation)); from += pages)
      await onRange(pageRange(relation, from, from + pages));
  }
}

/** The pages from the first number on, up to the second one, which is not part of it. */
export const pageRange = (relation: string, from: number, to: number): PageRange => ({
  relation,
  from: `(${from},0)`,
  to: `(${to},0)`,
});

/** Where rows of a table are: the table itself, or one of its partitions. */
export interface Relation {
  /** Quoted. */
  name: string;
  /** Another one after each rewrite (VACUUM FULL, CLUSTER, TRUNCATE, some ALTER): then rows lie on other pages. */
  file: number;
  /** At the time of the look. */
  pages: number;
}

/** @throws PostgresError if rows lie on another server: they have no pages here */
export async function relationsOf(client: PostgresClient, { schema, table }: TableName): Promise<Relation[]> {
  const { rows } = await client.query<Relation & { kind: string }>(
    `with recursive tree as (
       select $1::regclass::oid as oid
       union select i.inhrelid from pg_inherits i join tree t on i.inhparent = t.oid)
     select format('%I.%I', n.nspname, c.relname) as name, c.relkind as kind,
            pg_relation_filenode(c.oid)::int8::float8 as file,
            (pg_relation_size(c.oid) / current_setting('block_size')::int8)::float8 as pages
       from tree t join pg_class c on c.oid = t.oid join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'f') order by 1`,
    [`${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`],
  );
  const foreign = rows.find(({ kind }) => kind === 'f');
  if (foreign === undefined) return rows.map(({ name, file, pages }) => ({ name, file, pages }));
  const message = `expected the rows of ${schema}.${table} on this server, found the foreign table ${foreign.name}; detach it first`;
  throw new PostgresError(message, { reaction: 'hold' });
}

async function pagesOf(client: PostgresClient, relation: string, rowCount: number): Promise<number> {
  const { rows } = await client.query<{ rowsPerPage: number }>(
    `select case when reltuples > 0 and relpages > 0 then reltuples / relpages else 50 end::float8 as "rowsPerPage"
       from pg_class where oid = $1::regclass`,
    [relation],
  );
  return Math.max(1, Math.floor(rowCount / (rows[0]?.rowsPerPage ?? 50)));
}

async function pageCount(client: PostgresClient, relation: string): Promise<number> {
  const { rows } = await client.query<{ pages: number }>(
    `select (pg_relation_size($1::regclass) / current_setting('block_size')::int8)::float8 as pages`,
    [relation],
  );
  return rows[0]?.pages ?? 0;
}
