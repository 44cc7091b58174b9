import { withBeat } from '../programs/beat';
import type { PostgresClient } from '../postgres/postgres';
import { sqlName, type TableName } from '../postgres/sql-name';

/** What a table holds, without any of it: equal fingerprints are equal rows, in whatever order they are stored. */
export interface TableFingerprint extends TableName {
  rowCount: number;
  /**
   * Sum of a 64-bit hash of each row; changes with any value, also one that only moved to another row. It is there to
   * find faults and not forgers: no one can choose what a dump is compared with.
   */
  rowsHash: string;
  /** sha256 over names, types and properties of the columns, in their order; without a NOT NULL that is not valid. */
  columnsSha256: string;
}

/** Options of {@link fingerprintTables}. */
export interface FingerprintOptions {
  /** Called every second, and at the end. */
  onProgress?: ((progress: { tablesDone: number; tableCount: number }) => void) | undefined;
  /** Leave out a table that is not there, instead of failing. Default false. */
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
    throw new Error(`expected an open transaction, found it ${client.transactionStatus()}`);
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
  client_encoding: 'UTF8',
  lc_monetary: 'C',
  xmlbinary: 'base64',
  quote_all_identifiers: 'off',
  // names of tables, types and functions as values come out qualified; and no operator of another schema is taken for the server's
  search_path: 'pg_catalog, pg_temp',
  row_security: 'off',
  jit: 'off',
})
  .map(([name, value]) => `set_config('${name}', '${value}', true)`)
  .join(', ')}`;

async function fingerprint(client: PostgresClient, name: TableName): Promise<TableFingerprint | undefined> {
  const columns = await client.query<{ only: string; row: string; columnsSha256: string }>(columnsOf, [
    ...[name.schema, name.table, sameInBinary],
  ]);
  const found = columns.rows[0];
  if (found === undefined) return undefined;
  const from = `${found.only}${sqlName(name)}`;
  const rows = await client.query<{ rowCount: number; rowsHash: string }>(rowsOf(from, found.row));
  if (rows.rows[0] === undefined) throw new Error(`expected a fingerprint of ${sqlName(name)}, found no row`);
  return { schema: name.schema, table: name.table, ...rows.rows[0], columnsSha256: found.columnsSha256 };
}

/**
 * Types whose values have one binary form only, on every server and after every restoration: three times as fast as text.
 * Not so are numbers with several kinds of NaN, arrays with or without room for nulls, and whatever names an object.
 */
export const sameInBinary = [
  ...['bool', 'bytea', 'char', 'int2', 'int4', 'int8', 'json', 'jsonb', 'numeric', 'oid', 'uuid'],
  ...['bpchar', 'name', 'text', 'varchar', 'date', 'time', 'timestamp', 'timestamptz'],
];

/** SQL of a table's columns, by its number; the types in `$n` that are {@link sameInBinary} are `fast`. */
export const columnsWithForm = (table: string, types: string): string => `
    select a.*, t.typname, k.collname,
           'r.' || quote_ident(a.attname) as value,
           getdatabaseencoding() = 'UTF8' and t.typnamespace = 'pg_catalog'::regnamespace and t.typname = any(${types}) as fast
      from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_collation k on k.oid = a.attcollation
     where a.attrelid = ${table} and a.attnum > 0 and not a.attisdropped`;

/**
 * SQL that aggregates {@link columnsWithForm} to an expression over a row `r`: one of the fast columns as they are, and at its
 * end the text of all others together, with quotes and escapes, so that null, '' and ' ' differ and nothing can move from one
 * column to the next unseen. No cast, since someone may have made one. In other encodings than UTF-8 all columns
 * are text, since the binary form would be converted.
 */
export const rowOf = (order: string): string =>
  `'row(' || concat_ws(', ', string_agg(value, ', ' order by ${order}) filter (where fast),
                   'convert_to(textin(record_out(row(' || string_agg(value, ', ' order by ${order}) filter (where not fast) ||
                   '))), getdatabaseencoding())') || ')'`;

/** One that old rows need not fulfil (PostgreSQL 18) is restored after the rows, which are compared before that, or just then. */
const isHeldNotNull = `attnotnull and not exists (
             select from pg_constraint k where k.conrelid = attrelid and k.contype = 'n' and not k.convalidated and attnum = any (k.conkey))`;

const columnsOf = `
  with columns as (${columnsWithForm(
    `(select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2)`,
    '$3',
  )})
  select case when c.relkind = 'r' then 'only ' else '' end as only,
         (select ${rowOf('attnum')} from columns) as row,
         encode(sha256(convert_to(coalesce((
           select json_agg(json_build_array(attname, format_type(atttypid, atttypmod), ${isHeldNotNull}, attgenerated,
                                            attidentity, collname) order by attnum)::text from columns), '[]'),
           getdatabaseencoding())), 'hex') as "columnsSha256"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p')`;

const rowsOf = (from: string, row: string): string => `
  select count(*)::float8 as "rowCount",
         coalesce(sum(hash_record_extended(row(record_send(${row})), 0)), 0)::text as "rowsHash" from ${from} as r`;
