import { withBeat } from './beat';
import type { PostgresClient } from './postgres';
import type { TableName } from './postgres-catalogue';
import { sqlName } from './sql-name';

/** What a table holds, without any of it: equal fingerprints are equal rows, in whatever order they are stored. */
export interface TableFingerprint extends TableName {
  rowCount: number;
  /** sha256 over the sorted sha256 of all rows; changes with any value, also one that only moved to another row. */
  rowsSha256: string;
  /** sha256 over names, types and properties of the columns, in their order. */
  columnsSha256: string;
}

export interface FingerprintOptions {
  /** Called every second, and at the end. */
  onProgress?: ((progress: { tablesDone: number; tableCount: number }) => void) | undefined;
  /** Leave out a table that is not there, instead of failing. */
  skipMissing?: boolean;
}

/**
 * Computes the fingerprints of tables inside the server: no value leaves it. Partitions count as part of their root.
 * `client` must be in a transaction, whose snapshot is what is seen; its settings are as before afterwards.
 *
 * @throws if a table is not there (but see `skipMissing`); if row security would hide rows; if the client is not in a transaction
 */
export async function fingerprintTables(
  client: PostgresClient,
  tables: readonly TableName[],
  { onProgress, skipMissing = false }: FingerprintOptions = {},
): Promise<TableFingerprint[]> {
  if (client.transactionStatus() !== 'open')
    throw new Error(`expected an open transaction, found that it is ${client.transactionStatus()}`);
  const fingerprints: TableFingerprint[] = [];
  const tell = () => onProgress?.({ tablesDone: fingerprints.length, tableCount: tables.length });
  await client.query('savepoint fingerprint');
  await client.query(sameText);
  await withBeat(tell, async () => {
    for (const table of tables) {
      const found = await fingerprint(client, table);
      if (found !== undefined) fingerprints.push(found);
      else if (!skipMissing) throw new Error(`expected the table ${sqlName(table)}, found none of that name`);
    }
  });
  tell();
  await client.query('rollback to savepoint fingerprint'); // takes the settings back
  await client.query('release savepoint fingerprint');
  return fingerprints;
}

/** Tables with rows of their own in the current database: partitions are left out (their root stands for them). */
export async function listTables(client: PostgresClient): Promise<TableName[]> {
  const { rows } = await client.query<TableName>(
    `select n.nspname as schema, c.relname as table from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
        and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_toast'
        and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
      order by n.nspname collate "C", c.relname collate "C"`,
  );
  return rows;
}

/** Everything that decides how a value becomes text, so that two servers say the same of the same value. */
const sameText = `select ${Object.entries({
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: '3',
  bytea_output: 'hex',
  lc_monetary: 'C',
  xmlbinary: 'base64',
  quote_all_identifiers: 'off',
  // names of tables, types and functions as values come out qualified; and nobody's operator is taken for the server's
  search_path: 'pg_catalog, pg_temp',
  row_security: 'off',
  work_mem: '64MB',
  jit: 'off',
})
  .map(([name, value]) => `set_config('${name}', '${value}', true)`)
  .join(', ')}`;

async function fingerprint(client: PostgresClient, name: TableName): Promise<TableFingerprint | undefined> {
  const columns = await client.query<{ only: string; columnsSha256: string }>(columnsOf, [name.schema, name.table]);
  const found = columns.rows[0];
  if (found === undefined) return undefined;
  const rows = await client.query<{ rowCount: number; rowsSha256: string }>(rowsOf(found.only + sqlName(name)));
  if (rows.rows[0] === undefined) throw new Error(`expected a fingerprint of ${sqlName(name)}, found no row`);
  return { schema: name.schema, table: name.table, ...rows.rows[0], columnsSha256: found.columnsSha256 };
}

const columnsOf = `
  select case when c.relkind = 'r' then 'only ' else '' end as only,
         encode(sha256(convert_to(coalesce((
           select json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated,
                                            a.attidentity, k.collname) order by a.attnum)::text
             from pg_attribute a left join pg_collation k on k.oid = a.attcollation
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]'),
           getdatabaseencoding())), 'hex') as "columnsSha256"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p')`;

/**
 * A row's text holds all its columns with quotes and escapes, so that null, '' and ' ' differ and nothing can move from
 * one column to the next unseen. 4,096 buckets, since one aggregate over all rows would end at 1 GB. `offset 0` keeps
 * the planner from hashing each row once for every place where the hash is used. No cast, since somebody may have made
 * one of his own from this table to text.
 */
const rowsOf = (table: string): string => `
  select coalesce(sum(n), 0)::float8 as "rowCount",
         encode(sha256(coalesce(string_agg(int4send(bucket) || digest, ''::bytea order by bucket), ''::bytea)), 'hex') as "rowsSha256"
    from (select get_byte(h, 0) * 16 + (get_byte(h, 1) >> 4) as bucket, count(*) as n,
                 sha256(string_agg(h, ''::bytea order by h)) as digest
            from (select sha256(convert_to(textin(record_out(r.*)), getdatabaseencoding())) as h from ${table} as r offset 0) as hashed
           group by 1) as buckets`;
