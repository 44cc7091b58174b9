import type { ColumnRemoval } from '../contract/plan/removal';
import { qualifiedName, quoteIdentifier } from './identifier';
import { isReplaced, keyOf } from './saved-values/kept-by';
import { valueOf } from './saved-values/saved-value';
import { lacksValue } from './saved-values/placeholder-statements';
import { isSet, isUnset } from './saved-values/same-bytes';
import type { Statement } from './statement';

/** Rows of one batch: about 60 ms for a writer who waits for one of them. */
export const fillBatchRows = 5_000;

/**
 * A page is filled in so many batches. The new version of a row that finds no room in its page goes to another one, and
 * into every index with it; what the first batch leaves behind is room for the others, which no index hears of (HOT).
 */
export const fillShares = 8;

/** Condition: the row is of this share of its page, by its place there. */
const isOfShare = (share: number): string => `get_byte(tidsend(t.ctid), 5) % ${fillShares} = ${share}`;

/**
 * In the fill's transactions: the application's triggers would change the rows' timestamps, and triple the time.
 * Needs `grant set on parameter session_replication_role`.
 */
export const skipTriggers: Statement = {
  sql: 'set local session_replication_role = replica',
  why: 'To the application a fill must not look like a change',
};

/** Which rows of a range of pages are filled. What these are has to be the same in {@link forecastFill}, which approvers vote on. */
interface FillPart {
  /** Quoted name of a partition, if the table has some; default the table. */
  relation?: string;
  /** Only these rows of each page; default all. */
  share?: number | undefined;
}

/**
 * Fills the rows of the pages from `$1` up to, not including, `$2` (`tid`) that lack a value which is known. `type` is the
 * column's. Running it again changes nothing.
 */
export function fillRange(
  removal: ColumnRemoval,
  type: string,
  { relation = qualifiedName(removal), share }: FillPart = {},
): Statement {
  const value = isReplaced(removal) ? 'k.key' : `k.key::${type}`;
  return {
    sql:
      `update only ${relation} as t set ${quoteIdentifier(removal.column)} = ${value} from rubicon_keys as k ` +
      `where t.ctid >= $1::tid and t.ctid < $2::tid and ${lacksValue(removal, 't.')} and ${keyOf(removal, 't.')} = k.hash${fits(type, ' and ')}` +
      (share === undefined ? '' : ` and ${isOfShare(share)}`),
    why: 'The value of each row for which it is known',
  };
}

/** A key of another table can be longer than this column takes: its row loses it, instead of stopping the fill. */
function fits(type: string, before: string): string {
  const longest = longestOf(type);
  return longest === undefined ? '' : `${before}char_length(k.key) <= ${longest}`;
}

const longestOf = (type: string): string | undefined => /^character(?: varying)?\((\d+)\)$/.exec(type)?.[1];

/** What a fill would give back and what is lost, by the keys that are loaded. */
export interface FillForecast {
  /** Rows for which a value is loaded that fits the column. */
  restorableRows: number;
  /** Distinct hashes of these rows. */
  restorableValues: number;
  /** Rows with a hash for which no value is loaded, or none that fits the column. */
  lostRows: number;
  /** Distinct hashes without a key. */
  lostValues: number;
}

/** Where what is known stands: with the values, or only how long they are. */
export type Known = 'rubicon_keys' | 'rubicon_hashes';

/**
 * {@link FillForecast} of tables whose removed columns are gone, each with the type that it had; reads, changes nothing.
 * Where nothing replaced the value, nobody can tell a row that has lost one from a row that had none: none is counted.
 */
export function forecastFill(
  removals: readonly (ColumnRemoval & { type: string })[],
  known: Known = 'rubicon_keys',
): string {
  // First how often each hash is there: of a large table with few owners that is little to sort and to look up. What is found
  // by its row is there once.
  const rows = removals.map((removal) => {
    const key = keyOf(removal);
    const columns = `${key} as hash, ${isReplaced(removal)} as told, ${longestOf(removal.type) ?? 'null::int'} as longest`;
    const [rows, grouped] = isReplaced(removal) ? ['count(*)', ' group by 1'] : ['1::int8', ''];
    return `select ${columns}, ${rows} as rows from ${qualifiedName(removal)} where ${key} is not null${grouped}`;
  });
  const length = known === 'rubicon_keys' ? 'char_length(k.key)' : 'k.length';
  const counts = (name: string, condition: string) =>
    `coalesce(sum(f.rows) filter (where ${condition}), 0)::float8 as "${name}Rows", ` +
    `count(distinct f.hash) filter (where ${condition})::float8 as "${name}Values"`;
  return (
    `select ${counts('restorable', 'f.comes')}, ${counts('lost', 'not f.comes and f.told')} from (` +
    `select r.hash, r.told, r.rows, k.hash is not null and (r.longest is null or ${length} <= r.longest) as comes ` +
    `from (${rows.join(' union all ')}) as r left join ${known} as k on k.hash = r.hash) as f`
  );
}

/** How many rows lack a value that they may have had: a fill may know it. One row, one `count`, of no more than `atMost`. */
export const countUnfilled = (removal: ColumnRemoval, atMost?: number): string => countOf(unfilled(removal), atMost);

/** How many of them a fill has something to do for, by the keys that are loaded. One `count`, of no more than `atMost`. */
export function countFillable(removal: ColumnRemoval, type: string, atMost?: number): string {
  const known = `exists (select from rubicon_keys k where k.hash = ${keyOf(removal)}${fits(type, ' and ')})`;
  const open = isReplaced(removal) ? `(${isUnset(quoteIdentifier(removal.column))} or ${known})` : known;
  return countOf(`${unfilled(removal)} and ${open}`, atMost);
}

const unfilled = (removal: ColumnRemoval): string =>
  `${qualifiedName(removal)} where ${lacksValue(removal)} and ${keyOf(removal)} is not null`;

/** Whether there are few or many needs no look at all of a large table: it ends where there are enough. */
export const countOf = (rows: string, atMost?: number): string =>
  `select count(*)::float8 as count from ${atMost === undefined ? rows : `(select from ${rows} limit ${atMost}) as these`}`;

/** How many rows have another value than is known of them, of how many that are known. Only where nothing replaces it. */
export const countDiffering = (removal: ColumnRemoval): string => {
  const value = `t.${quoteIdentifier(removal.column)}`;
  return (
    `select count(*)::float8 as compared, count(*) filter (where ${isSet(value)} and ${valueOf(removal, 't.')} <> k.key)::float8 as differing, ` +
    `count(*) filter (where ${isUnset(value)})::float8 as missing ` +
    `from ${qualifiedName(removal)} as t join rubicon_keys as k on k.hash = ${keyOf(removal, 't.')}`
  );
};
