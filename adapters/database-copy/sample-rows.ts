import { pipeline } from 'node:stream/promises';
import type { PostgresClient } from '../postgres/postgres';
import { PostgresError } from '../postgres/postgres-error';
import { sqlName, type TableName } from '../postgres/sql-name';
import { sqlstate } from '../postgres/sqlstate';

/** Which rows of a table are wanted: some of each condition. Conditions are SQL over the table's columns, and exclude each other. */
export interface SampleOf extends TableName {
  /** Each condition with the most rows to take. */
  some: readonly { where: string; rows: number }[];
}

/** Rows by their place: none of their values leaves the server for it. */
interface Picked extends TableName {
  /** Partition, or the table itself; quoted. */
  relation: string;
  places: Set<string>;
}

/** From so many rows on, a share of the pages is looked at instead of the first ones. */
const manyRows = 100_000;

/** No sample is larger; what it points at beyond that is left out, and told. */
const mostRows = 20_000;

export interface CopiedSample {
  /** In all tables together. */
  rows: number;
  /** Tables with at least one of these rows; partitions count as the table above them. */
  tables: number;
  /** Where it is smaller than it was to be, in words. */
  short: string[];
}

/**
 * Copies a sample of rows of some tables, and of whatever these rows point at by foreign keys, from one database to another
 * one that has the same tables, empty. `from` is in a read-only snapshot of its own; rows pass through, and stay nowhere
 * else.
 */
export async function copySample(
  from: PostgresClient,
  to: PostgresClient,
  samples: readonly SampleOf[],
): Promise<CopiedSample> {
  const picked = new Map<string, Picked>();
  const short: string[] = [];
  for (const sample of samples) short.push(...(await pick(from, picked, sample)));
  if (await followKeys(from, picked)) short.push(`rows that its rows point at, beyond ${mostRows}`);
  let rows = 0;
  for (const each of picked.values()) {
    await copyRows(from, to, each);
    rows += each.places.size;
  }
  return { rows, tables: new Set([...picked.values()].map(sqlName)).size, short };
}

/** Returns what could not be looked for to the end. */
async function pick(
  client: PostgresClient,
  picked: Map<string, Picked>,
  { some, ...table }: SampleOf,
): Promise<string[]> {
  const { rows } = await client.query<{ estimate: number }>(
    `select coalesce(sum(greatest(c.reltuples, 0)), 0)::float8 as estimate from pg_partition_tree($1::regclass) t
       join pg_class c on c.oid = t.relid where t.isleaf
     union all select greatest(reltuples, 0) from pg_class where oid = $1::regclass and not relispartition and relkind <> 'p'`,
    [sqlName(table)],
  );
  const estimate = Math.max(...rows.map((row) => row.estimate));
  const short: string[] = [];
  for (const { where, rows: wanted } of some) {
    const share =
      estimate > manyRows ? ` tablesample system (${Math.min(100, (wanted * 2_000) / estimate)}) repeatable (1)` : '';
    const sql = (sampled: string): string =>
      `select tableoid::regclass::text as relation, ctid::text as place from ${sqlName(table)}${sampled} where ${where} limit ${wanted}`;
    const found = await add(client, picked, { ...table, sql: sql(share) });
    if (share === '' || found >= wanted) continue;
    const isWhole = await withinSeconds(client, () => add(client, picked, { ...table, sql: sql('') }));
    if (!isWhole) short.push(`rare rows of ${table.table}, searched for only ${rareSeconds} s`);
  }
  return short;
}

/** Rows that are rare, or not there at all, are looked for in the whole of a large table, but not for long. */
const rareSeconds = 3;

/** False: the time was over. Whatever was changed in the session meanwhile is as before. */
async function withinSeconds(client: PostgresClient, work: () => Promise<unknown>): Promise<boolean> {
  await client.query('savepoint rare');
  try {
    await client.query(`set local statement_timeout = '${rareSeconds}s'`);
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof PostgresError) || error.sqlstate !== sqlstate.queryCanceled) throw error;
    return false;
  } finally {
    await client.query('rollback to savepoint rare');
    await client.query('release savepoint rare');
  }
}

/** Rows of a table that are to be picked: `sql` selects the `relation` and the `place` of each. */
interface Wanted extends TableName {
  sql: string;
  parameters?: readonly unknown[];
}

/** Returns how many were not picked before. */
async function add(
  client: PostgresClient,
  picked: Map<string, Picked>,
  { schema, table, sql, parameters = [] }: Wanted,
): Promise<number> {
  const { rows } = await client.query<{ relation: string; place: string }>(sql, parameters);
  let added = 0;
  for (const { relation, place } of rows) {
    const of = picked.get(relation) ?? { schema, table, relation, places: new Set<string>() };
    picked.set(relation, of);
    if (of.places.has(place)) continue;
    of.places.add(place);
    added += 1;
  }
  return added;
}

interface Key extends TableName {
  columns: string;
  referenced: string;
}

/** Adds what the rows point at, and what that points at, until nothing is added. Whether some had to be left out. */
async function followKeys(client: PostgresClient, picked: Map<string, Picked>): Promise<boolean> {
  const keysOf = new Map<string, Key[]>();
  for (let added = 1; added > 0;) {
    added = 0;
    for (const each of [...picked.values()]) {
      const name = sqlName(each);
      const keys = keysOf.get(name) ?? (await readKeys(client, name));
      keysOf.set(name, keys);
      for (const { columns, referenced, ...table } of keys) {
        const sql = `select tableoid::regclass::text as relation, ctid::text as place from ${sqlName(table)}
            where (${referenced}) in (select ${columns} from ${each.relation} where ctid = any($1::tid[]))`;
        added += await add(client, picked, { ...table, sql, parameters: [[...each.places]] });
        if (sizeOf(picked) > mostRows) return true;
      }
    }
  }
  return false;
}

const sizeOf = (picked: Map<string, Picked>): number =>
  [...picked.values()].reduce((sum, { places }) => sum + places.size, 0);

/** Foreign keys of a table, with its columns and those that they point at. */
async function readKeys(client: PostgresClient, name: string): Promise<Key[]> {
  const columns = (relation: string, numbers: string): string =>
    `(select string_agg(quote_ident(a.attname), ', ' order by k.place) from unnest(${numbers}) with ordinality k (number, place)
        join pg_attribute a on a.attrelid = ${relation} and a.attnum = k.number)`;
  const { rows } = await client.query<Key>(
    `select n.nspname as schema, p.relname as table, ${columns('c.conrelid', 'c.conkey')} as columns,
            ${columns('c.confrelid', 'c.confkey')} as referenced
       from pg_constraint c join pg_class p on p.oid = c.confrelid join pg_namespace n on n.oid = p.relnamespace
      where c.contype = 'f' and c.conrelid = $1::regclass and c.conparentid = 0 and p.relkind in ('r', 'p')`,
    [name],
  );
  return rows;
}

/** Into the table itself, which sends each row to its partition; generated columns follow by themselves. */
async function copyRows(
  from: PostgresClient,
  to: PostgresClient,
  { relation, places, ...table }: Picked,
): Promise<void> {
  const { rows } = await from.query<{ name: string }>(
    `select quote_ident(attname) as name from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`,
    [sqlName(table)],
  );
  if (rows.length === 0) return;
  const columns = rows.map(({ name }) => name).join(', ');
  const list = [...places].map((place) => `'${place}'`).join(', ');
  const out = from.copyTo(
    `copy (select ${columns} from ${relation} where ctid = any(array[${list}]::tid[])) to stdout`,
  );
  const into = to.copyFrom(`copy ${sqlName(table)} (${columns}) from stdin`);
  await pipeline(out, into);
}
