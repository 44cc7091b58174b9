import { columnsWithForm, rowOf, sameInBinary } from '../rows/fingerprint';
import type { PostgresClient } from '../postgres/postgres';
import { sqlName, type TableName } from '../postgres/sql-name';

/** What a table holds: number of its rows, and a digest that does not depend on their order, or on that of the columns. */
export interface RowsDigest extends TableName {
  rowCount: number;
  /** sha256 of each row, its columns in the order of their names; all of them added up, see {@link sumOf}. */
  digest: string;
}

/** Options of {@link digestRows}. */
export interface DigestOptions {
  /**
   * Only rows that no transaction from this one on has written. For a young server, whose transaction ids have not
   * wrapped around. Default: all rows.
   */
  writtenBefore?: string;
  /** Called with the number of tables that are done, after each large one or 50 small ones. */
  tell?: (tablesDone: number) => void;
}

/** Tables of one statement: a round trip for each of hundreds of small ones takes longer than to read them. */
const together = 50;

/** From this size on a table has a statement of its own. */
const largeBytes = 8 * 1_024 * 1_024;

/**
 * Digests of all rows of some tables. As superuser of a throw-away server: no policy hides a row. Values are in their binary
 * form where a type has but one, otherwise text, under settings under which two servers write the same: no two values are alike.
 */
export async function digestRows(
  client: PostgresClient,
  tables: readonly TableName[],
  { writtenBefore, tell }: DigestOptions = {},
): Promise<RowsDigest[]> {
  await client.query(`select set_config('search_path', 'pg_catalog', false), set_config('extra_float_digits', '3', false),
    set_config('jit', 'off', false), set_config('client_encoding', 'UTF8', false)`);
  const { rows: shapes } = await client.query<Shape>(selectShapes, [tables.map(sqlName), sameInBinary]);
  const digests: RowsDigest[] = [];
  for (const some of inParts(shapes)) {
    const { rows: sums } = await client.query<{ place: number; rowCount: number; digest: string }>(
      some.map((shape) => sumOf(shape, writtenBefore)).join(' union all '),
    );
    for (const { place, ...sum } of sums) {
      const { schema, table } = tables[place - 1] ?? unknownPlace(place);
      digests.push({ schema, table, ...sum });
    }
    tell?.(digests.length);
  }
  return digests;
}

interface Shape {
  /** In the list of tables, from 1 on. */
  place: number;
  from: string;
  /** SQL of a row. */
  row: string;
  isLarge: boolean;
}

const selectShapes = `
  select w.place::int as place, case when c.relkind = 'r' then 'only ' else '' end || w.name as from,
         c.relkind = 'p' or pg_relation_size(c.oid) > ${largeBytes} as "isLarge",
         (select ${rowOf('attname collate "C"')} from (${columnsWithForm('c.oid', '$2')}) columns) as row
    from unnest($1::text[]) with ordinality w (name, place) join pg_class c on c.oid = to_regclass(w.name) and c.relkind in ('r', 'p')
   order by w.place`;

function inParts(shapes: readonly Shape[]): Shape[][] {
  const small = shapes.filter(({ isLarge }) => !isLarge);
  const parts = shapes.filter(({ isLarge }) => isLarge).map((shape) => [shape]);
  for (let from = 0; from < small.length; from += together) parts.push(small.slice(from, from + together));
  return parts;
}

function unknownPlace(place: number): never {
  throw new Error(`expected the digest of a table of our list, found that of number ${place}`);
}

/**
 * Two hashes of each sha256 are added up: as much as 128 bits of it, in half the time that it takes to cut these out. The clock
 * is there for the planner alone: beside something volatile it computes the sha256 once a row, instead of once for each hash. (By
 * `offset 0` it would, too, and not read in parallel any more.)
 */
const sumOf = ({ place, from, row }: Shape, before?: string): string => `
  select ${place} as place, count(*)::float8 as "rowCount",
         coalesce(sum(hash_record_extended(row(h.row), 0)), 0)::text || ':' || coalesce(sum(hash_record_extended(row(h.row), 1)), 0)::text as digest
    from (select sha256(record_send(${row})) as row, clock_timestamp() from ${from} as r${
      before === undefined ? '' : ` where r.xmin::text::int8 < ${Number(before)}`
    }) as h`;
