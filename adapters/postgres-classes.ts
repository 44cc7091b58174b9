import pg from 'pg';
import type { PostgresClient } from './postgres';
import type { TableName } from './postgres-catalogue';
import { firstPage, walkPages, type PagePlace, type PageRange } from './postgres-pages';

/** Rows of one table by what they have of the removed column and of the one that replaces it. */
export interface RowClasses {
  /** Both, and the proof holds: nothing is lost. */
  match: number;
  /** Both, and the proof does not hold (or can't be computed). */
  mismatch: number;
  /** Only the removed column: such a row is open to everybody once that is gone. */
  keyWithoutHash: number;
  /** Only the replacement: open to everybody under a release that reads the removed column. */
  hashWithoutKey: number;
  /** Neither. */
  public: number;
}

export interface ClassesQuery extends TableName {
  removed: string;
  replacement: string;
  /** Condition over the two columns' quoted names, made from the plan's proof. */
  proof: string;
}

/** How far the count is; plain data, to be kept in a heartbeat and handed back after a crash. */
export interface ClassesProgress {
  counts: RowClasses;
  place: PagePlace;
}

export interface ClassesOptions {
  /** After each range; what it throws ends the count. */
  onRange?: (progress: ClassesProgress) => void;
  resumeFrom?: ClassesProgress | undefined;
  /** Pages of one statement; default 16,384 (128 MB). */
  pagesPerRange?: number;
}

const noRows: RowClasses = { match: 0, mismatch: 0, keyWithoutHash: 0, hashWithoutKey: 0, public: 0 };

/**
 * Counts the classes within the server, range by range: neither a key nor a hash comes here.
 *
 * Each range is a statement with its own snapshot, so on a table that is written to a row that moves meanwhile can be
 * counted twice or not at all. For an exact answer call this in a `repeatable read` transaction.
 */
export async function countClasses(
  client: PostgresClient,
  query: ClassesQuery,
  { onRange, resumeFrom, pagesPerRange = 16_384 }: ClassesOptions = {},
): Promise<RowClasses> {
  let counts = resumeFrom?.counts ?? noRows;
  await walkPages(client, query, { pages: pagesPerRange }, resumeFrom?.place ?? firstPage, async (range, place) => {
    counts = sum(counts, await countRange(client, query, range));
    onRange?.({ counts, place });
  });
  return counts;
}

async function countRange(
  client: PostgresClient,
  query: ClassesQuery,
  { relation, from, to }: PageRange,
): Promise<RowClasses> {
  const [removed, replacement] = [pg.escapeIdentifier(query.removed), pg.escapeIdentifier(query.replacement)];
  const { rows } = await client.query<RowClasses>(
    `select count(*) filter (where both_set and proven)::float8 as match,
            count(*) filter (where both_set and proven is not true)::float8 as mismatch,
            count(*) filter (where has_key and not has_hash)::float8 as "keyWithoutHash",
            count(*) filter (where has_hash and not has_key)::float8 as "hashWithoutKey",
            count(*) filter (where not has_key and not has_hash)::float8 as public
       from (select ${removed} is not null as has_key, ${replacement} is not null as has_hash,
                    ${removed} is not null and ${replacement} is not null as both_set, (${query.proof}) as proven
               from only ${relation} where ctid >= $1::tid and ctid < $2::tid) classified`,
    [from, to],
  );
  return rows[0] ?? noRows;
}

const sum = (a: RowClasses, b: RowClasses): RowClasses => ({
  match: a.match + b.match,
  mismatch: a.mismatch + b.mismatch,
  keyWithoutHash: a.keyWithoutHash + b.keyWithoutHash,
  hashWithoutKey: a.hashWithoutKey + b.hashWithoutKey,
  public: a.public + b.public,
});
