import type { Removal } from '../contract/plan';
import { qualifiedName, quoteIdentifier, quoteLiteral } from './identifier';
import { proofSql } from './proof';
import type { Statement } from './statement';

/** Rows of one batch: about 60 ms for a writer who waits for one of them. */
export const fillBatchRows = 5_000;

/** Begins the value that is nobody's key; a uuid follows. */
export const sentinelStart = '!rubicon:no-key:';

/** Length of the value that stands for a key that nobody has any more; the column must be able to hold it. */
export const sentinelLength = sentinelStart.length + 36;

/** False if the captured type is too short for the sentinel, or no text. */
export function sentinelFits(type: string): boolean {
  const limit = /^character varying\((\d+)\)$/.exec(type)?.[1];
  return limit === undefined ? ['text', 'character varying'].includes(type) : Number(limit) >= sentinelLength;
}

/** The session's own table of hash and key; goes with the session, and is written to no WAL. */
export const createKeyTable: Statement = {
  sql: 'create temporary table rubicon_keys (hash text primary key, key text not null)',
  why: 'One key a hash: a second one is refused',
};

/** Takes what {@link selectKeys} gives; keys pass through, and stay nowhere else. */
export const loadKeys = 'copy rubicon_keys (hash, key) from stdin';

/**
 * For the restored backup: each distinct hash with its key, over all tables of the plan, where the proof holds.
 * A `copy … to stdout`.
 */
export const selectKeys = (removals: readonly Removal[], proof: string): string =>
  `copy (${provenPairs(removals, proof)}) to stdout`;

function provenPairs(removals: readonly Removal[], proof: string): string {
  const parts = removals.map((removal) => {
    const { removed, replacement } = columnsOf(removal);
    const proven = proofSql(proof, { removed: removal.column, replacement: removal.replacedBy });
    return `select ${replacement}, ${removed} from ${qualifiedName(removal)} where ${proven}`;
  });
  return parts.join(' union ');
}

/** The session's own list of hashes whose key a backup holds. */
export const createHashTable: Statement = {
  sql: 'create temporary table rubicon_hashes (hash text primary key)',
  why: 'To count what could be given back, without any key',
};

/** Takes what {@link selectHashes} gives. */
export const loadHashes = 'copy rubicon_hashes (hash) from stdin';

/** For the restored backup: each hash that {@link selectKeys} has a key for. A `copy … to stdout`. */
export const selectHashes = (removals: readonly Removal[], proof: string): string =>
  `copy (select distinct p.hash from (${provenPairs(removals, proof)}) as p (hash, key) order by 1) to stdout`;

/**
 * Pairs for the rows without a key from rows that have one by now: for a later fill, while others write. Fails for a
 * hash with two keys.
 */
export const learnKeys = (removals: readonly Removal[], proof: string): string =>
  `insert into rubicon_keys (hash, key) select p.hash, p.key from (${provenPairs(removals, proof)}) as p (hash, key) ` +
  `where p.hash in (${openHashes(removals)})`;

/** Where the pairs of a final copy are proven before they are used. */
export const createCopyTable: Statement = {
  sql: 'create temporary table rubicon_copy (hash text, key text not null)',
  why: 'Pairs of the final copy, before they are proven',
};

/** Takes the decrypted final copy. */
export const loadCopyPairs = 'copy rubicon_copy (hash, key) from stdin';

/** As {@link refuseUnprovenKeys}, for the final copy. */
export const refuseUnprovenCopy = (proof: string): Statement => ({
  sql: `delete from rubicon_copy where ${proofSql(proof, { removed: 'key', replacement: 'hash' })} is not true`,
  why: 'Every pair is proven once more, as it arrived',
  changes: 0,
});

/** To the keys that are known otherwise; a hash has one key, so it is the same. */
export const takeCopiedKeys =
  'insert into rubicon_keys (hash, key) select hash, key from rubicon_copy on conflict (hash) do nothing';

export const takeCopiedHashes =
  'insert into rubicon_hashes (hash) select hash from rubicon_copy on conflict (hash) do nothing';

/** How many of the hashes of rows without a key a backup has a key for that {@link learnKeys} has not found. One `count`. */
export const countUnlearned = (removals: readonly Removal[]): string =>
  `select count(*)::float8 as count from (${openHashes(removals)} except select hash from rubicon_keys) as o (hash) ` +
  'join rubicon_hashes as h on h.hash = o.hash';

const openHashes = (removals: readonly Removal[]): string =>
  removals
    .map((removal) => {
      const { replacement } = columnsOf(removal);
      return `select ${replacement} from ${qualifiedName(removal)} where ${hasNoKey(removal)} and ${replacement} is not null`;
    })
    .join(' union ');

/** Run after the load, before any row is filled: a pair that is not proven must not get into a row. */
export const refuseUnprovenKeys = (proof: string): Statement => ({
  sql: `delete from rubicon_keys where ${proofSql(proof, { removed: 'key', replacement: 'hash' })} is not true`,
  why: 'Every pair is proven once more, as it arrived',
  changes: 0,
});

/**
 * In the fill's transactions: the application's triggers would change the rows' timestamps, and triple the time.
 * Needs `grant set on parameter session_replication_role`.
 */
export const skipTriggers: Statement = {
  sql: 'set local session_replication_role = replica',
  why: 'A fill is no change that the application should see',
};

/**
 * Fills the rows of the pages from `$1` up to, not including, `$2` (`tid`) whose hash has a key. `relation` is the
 * quoted name of a partition, if the table has some. Running it again changes nothing.
 */
export function fillRange(removal: Removal, relation = qualifiedName(removal)): Statement {
  const { removed, replacement } = columnsOf(removal);
  return {
    sql:
      `update only ${relation} as t set ${removed} = k.key from rubicon_keys as k ` +
      `where t.ctid >= $1::tid and t.ctid < $2::tid and ${hasNoKey(removal, 't.')} and t.${replacement} = k.hash`,
    why: 'The key of each row whose hash is known',
  };
}

/**
 * Gives the rows that have a hash and still no key a value that nobody knows and that is the key of no hash: a release
 * that reads the removed column would show such a row to everybody. Run after {@link fillRange}; the same parameters.
 */
export function sentinelRange(removal: Removal, relation = qualifiedName(removal)): Statement {
  const { removed, replacement } = columnsOf(removal);
  return {
    sql:
      `update only ${relation} as t set ${removed} = ${quoteLiteral(sentinelStart)} || gen_random_uuid() ` +
      `where t.ctid >= $1::tid and t.ctid < $2::tid and t.${removed} is null and t.${replacement} is not null`,
    why: 'Closed to everybody instead of open to everybody',
  };
}

/** What a fill would give back and what is lost, by the keys that are loaded. */
export interface FillForecast {
  restorableRows: number;
  restorableOwners: number;
  lostRows: number;
  /** Distinct hashes without a key. */
  lostOwners: number;
}

/** {@link FillForecast} of tables whose removed columns are gone; reads, changes nothing. `known`: the table of hashes. */
export function forecastFill(removals: readonly Removal[], known = 'rubicon_keys'): string {
  const hashes = removals.map((removal) => {
    const { replacement } = columnsOf(removal);
    return `select ${replacement} as hash from ${qualifiedName(removal)} where ${replacement} is not null`;
  });
  const counts = (name: string, condition: string) =>
    `count(*) filter (where ${condition})::float8 as "${name}Rows", ` +
    `count(distinct r.hash) filter (where ${condition})::float8 as "${name}Owners"`;
  return (
    `select ${counts('restorable', 'k.hash is not null')}, ${counts('lost', 'k.hash is null')} ` +
    `from (${hashes.join(' union all ')}) as r left join ${known} as k on k.hash = r.hash`
  );
}

/** How many rows have a hash and no key: open to everybody under a release that reads the key. One row, one `count`. */
export function countOpenRows(removal: Removal): string {
  const { removed, replacement } = columnsOf(removal);
  return `select count(*)::float8 as count from ${qualifiedName(removal)} where ${removed} is null and ${replacement} is not null`;
}

/** By hand, for open rows that somebody has made in spite of the guard. */
export function closeOpenRows(removal: Removal): string {
  const { removed, replacement } = columnsOf(removal);
  return (
    `update ${qualifiedName(removal)} set ${removed} = ${quoteLiteral(sentinelStart)} || gen_random_uuid() ` +
    `where ${removed} is null and ${replacement} is not null`
  );
}

/** How many rows with a hash have no key or only the sentinel: what a fill may still have a key for. One `count`. */
export function countUnfilled(removal: Removal): string {
  const { replacement } = columnsOf(removal);
  return `select count(*)::float8 as count from ${qualifiedName(removal)} where ${hasNoKey(removal)} and ${replacement} is not null`;
}

/** How many of them a fill has something to do for, by the keys that are loaded. One `count`. */
export function countFillable(removal: Removal): string {
  const { removed, replacement } = columnsOf(removal);
  const known = `(${removed} is null or exists (select from rubicon_keys k where k.hash = ${replacement}))`;
  return `${countUnfilled(removal)} and ${known}`;
}

/** Condition for counting the classes after the fill: the proof holds, or the row has the sentinel. */
export function provenOrSentinel(removal: Removal, proof: string): string {
  const columns = { removed: removal.column, replacement: removal.replacedBy };
  return `(${proofSql(proof, columns)} or ${hasSentinel(removal)})`;
}

/** How many rows have the sentinel, and so lost their key. One row, one column `count`. */
export const countSentinels = (removal: Removal): string =>
  `select count(*)::float8 as count from ${qualifiedName(removal)} where ${hasSentinel(removal)}`;

const hasSentinel = (removal: Removal, of = ''): string =>
  `starts_with(${of}${columnsOf(removal).removed}, ${quoteLiteral(sentinelStart)})`;

const hasNoKey = (removal: Removal, of = ''): string =>
  `(${of}${columnsOf(removal).removed} is null or ${hasSentinel(removal, of)})`;

const columnsOf = ({ column, replacedBy }: Removal) => ({
  removed: quoteIdentifier(column),
  replacement: quoteIdentifier(replacedBy),
});
