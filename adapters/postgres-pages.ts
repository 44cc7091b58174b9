import pg from 'pg';
import type { PostgresClient } from './postgres';
import type { TableName } from './postgres-catalogue';

/** Some pages of a table (or of one of its partitions): where `ctid >= from and ctid < to`. */
export interface PageRange {
  /** Quoted name; a page number means something in this relation only. */
  relation: string;
  from: string;
  to: string;
}

/** How far a walk is; plain data, to be kept in a heartbeat and handed back after a crash. */
export interface PagePlace {
  /** Relations that are walked to the end. */
  doneRelations: string[];
  /** First page of the next range, in the relation after these. */
  nextPage: number;
}

export const firstPage: PagePlace = { doneRelations: [], nextPage: 0 };

/**
 * Calls back for range after range of the table's pages, in order, and tells where to go on from. The table can grow
 * meanwhile: the new pages are walked, too.
 */
export async function walkPages(
  client: PostgresClient,
  table: TableName,
  /** A number of pages, or of rows by the planner's estimate. */
  size: { pages: number } | { rows: number },
  startAt: PagePlace,
  onRange: (range: PageRange, next: PagePlace) => Promise<void>,
): Promise<void> {
  let { doneRelations, nextPage } = startAt;
  for (const relation of await leafRelations(client, table)) {
    if (doneRelations.includes(relation)) continue;
    const pages = 'pages' in size ? size.pages : await pagesOf(client, relation, size.rows);
    while (nextPage < (await pageCount(client, relation))) {
      const range = { relation, from: `(${nextPage},0)`, to: `(${nextPage + pages},0)` };
      nextPage += pages;
      await onRange(range, { doneRelations, nextPage });
    }
    doneRelations = [...doneRelations, relation];
    nextPage = 0;
  }
}

async function leafRelations(client: PostgresClient, { schema, table }: TableName): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `with recursive tree as (
       select $1::regclass::oid as oid
       union select i.inhrelid from pg_inherits i join tree t on i.inhparent = t.oid)
     select format('%I.%I', n.nspname, c.relname) as name
       from tree t join pg_class c on c.oid = t.oid join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' order by 1`,
    [`${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`],
  );
  return rows.map(({ name }) => name);
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
