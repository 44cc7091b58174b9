import pg from 'pg';
import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';
import type { PageRange } from './pages';

/** Rows of one table by what they have of the removed column and of the one that replaces it. */
export interface RowClasses {
  /** Both, and the proof holds: nothing is lost. */
  match: number;
  /** Both, and the proof does not hold (or can't be computed). */
  mismatch: number;
  /** Only the removed column: such a row is open to everyone once that is gone. */
  valueWithoutReplacement: number;
  /** Only the replacement: open to everyone under a release that reads the removed column. */
  replacementWithoutValue: number;
  /** Neither. */
  public: number;
  /** Of the last two: rows with something in the removed column that is no value (`noValue`). Absent = none. */
  placeholders?: number;
}

/** Which rows are counted, and how a pair of values is proven. */
export interface ClassesQuery extends TableName {
  /** Column, unquoted. */
  removed: string;
  /** Column, unquoted. */
  replacement: string;
  /** Condition over the two columns' quoted names, made from the plan's proof. */
  proof: string;
  /** Condition over the removed column's quoted name, never null: what stands there counts as none. Absent = never. */
  noValue?: string;
}

export const noRows: RowClasses = {
  match: 0,
  mismatch: 0,
  valueWithoutReplacement: 0,
  replacementWithoutValue: 0,
  public: 0,
};

/**
 * The proof is by far the dearest part, so that it stands here once, and where values repeat it is asked once a pair of
 * them; the other classes follow from sums.
 */
export async function countRange(
  session: PostgresClient,
  query: ClassesQuery & { repeats: boolean },
  { relation, from, to }: PageRange,
): Promise<RowClasses> {
  const [removed, replacement] = [pg.escapeIdentifier(query.removed), pg.escapeIdentifier(query.replacement)];
  const noValue = query.noValue ?? 'false';
  const hasValue = `${removed} is distinct from null and not ${noValue}`;
  const hasReplacement = `${replacement} is distinct from null`; // also a composite value with a null field
  const bothSet = `${hasValue} and ${hasReplacement}`;
  const range = `only ${relation} where ctid >= $1::tid and ctid < $2::tid`;
  const [source, count] = query.repeats
    ? [`(select ${removed}, ${replacement}, count(*) as n from ${range} group by 1, 2) as pairs`, 'sum(n)']
    : [range, 'count(*)'];
  const counted = (condition: string): string => `coalesce(${count} filter (where ${condition}), 0)::float8`;
  const { rows } = await session.query<Sums>(
    `select ${counted('true')} as total, ${counted(hasValue)} as keys,
            ${counted(noValue)} as placeholders,
            ${counted(hasReplacement)} as hashes, ${counted(bothSet)} as "both",
            ${counted(`${bothSet} and (${query.proof})`)} as match
       from ${source}`,
    [from, to],
  );
  const { total = 0, keys = 0, hashes = 0, both = 0, match = 0, placeholders = 0 } = rows[0] ?? {};
  return {
    match,
    mismatch: both - match,
    valueWithoutReplacement: keys - both,
    replacementWithoutValue: hashes - both,
    public: total - keys - hashes + both,
    ...(placeholders > 0 && { placeholders }),
  };
}

interface Sums {
  total: number;
  keys: number;
  hashes: number;
  both: number;
  match: number;
  placeholders: number;
}

export function sum(a: RowClasses, b: RowClasses): RowClasses {
  const placeholders = (a.placeholders ?? 0) + (b.placeholders ?? 0);
  return {
    match: a.match + b.match,
    mismatch: a.mismatch + b.mismatch,
    valueWithoutReplacement: a.valueWithoutReplacement + b.valueWithoutReplacement,
    replacementWithoutValue: a.replacementWithoutValue + b.replacementWithoutValue,
    public: a.public + b.public,
    ...(placeholders > 0 && { placeholders }),
  };
}
