import { pipeline } from 'node:stream/promises';
import type { PostgresClient } from '../postgres/postgres';
import { PostgresError } from '../postgres/postgres-error';
import { sqlName, type TableName } from '../postgres/sql-name';
import { sqlstate } from '../postgres/sqlstate';
import { addRows, mostRows, type Picked } from './picked-rows';
import { followKeys } from './referenced-rows';

/** Which rows of a table are wanted: some of each condition. Conditions are SQL over the table's columns, and exclude each other. */
export interface SampleOf extends TableName {
  /** Each condition with the most rows to take. */
  some: readonly { where: string; rows: number }[];
}

/** From so many rows on, a share of the pages is looked at instead of the first ones. */
const manyRows = 100_000;

/** What {@link copySample} has copied. */
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
    const found = await addRows(client, picked, { ...table, sql: sql(share) });
    if (share === '' || found >= wanted) continue;
    const isWhole = await withinSeconds(client, () => addRows(client, picked, { ...table, sql: sql('') }));
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
