import type { Plan } from '../../contract/plan/plan';
import type { ColumnRemoval } from '../../contract/plan/removal';
import { isKeptByRow, withValues } from '../../contract/plan/removals';
import type { Equalities } from '../condition';
import { holdsFor } from './holds-for';
import { qualifiedName, quoteIdentifier } from '../identifier';
import { isReplaced, keyOf, replacedOf } from './kept-by';
import { proofSql } from './proof';
import { hasValue, valueOf } from './saved-value';
import { lacksValue } from './placeholder-statements';
import { isSet } from './same-bytes';
import type { Statement } from '../statement';

/**
 * What a session knows of the removed values while it fills: pairs of `hash`, by which a value is found again (see
 * `keyOf`), and `key`, the value. The tables go with the session, and are written to no WAL.
 */

type Kept = Pick<Plan, 'removes' | 'proof'>;

/**
 * A column of text that is found by its whole value, and stands there once. An ordinary index takes no value above some
 * 2.7 kB (54000); this one keeps a hash of it, whatever its length, and the value itself is compared besides.
 */
const foundBy = (column: string): string =>
  `${column} text collate "C" not null, exclude using hash (${column} with operator(pg_catalog.=))`;

/** The session's own pairs of a hash and its key. */
export const createSavedValueTable: Statement = {
  sql: `create temporary table rubicon_keys (${foundBy('hash')}, key text not null)`,
  why: 'One key per hash: a second one is refused',
};

/** Takes what {@link selectKeys} gives; keys pass through, and stay nowhere else. */
export const loadKeys = 'copy rubicon_keys (hash, key) from stdin';

/** For the restored backup: all that a fill could give back, of all tables of the plan. A `copy … to stdout`. */
export const selectKeys = (plan: Kept, equalities: Equalities): string =>
  `copy (${keptPairs(plan, equalities)}) to stdout`;

/** Where the proof holds; without one, whatever there is. */
function keptPairs({ removes, proof }: Kept, equalities: Equalities): string {
  const removals = withValues({ removes });
  const parts = removals.map((removal) => {
    const proven =
      isReplaced(removal) && proof !== undefined ? holdsFor(removal, proof) : hasValue(removal, equalities);
    const distinct = isReplaced(removal) ? 'distinct ' : ''; // a row has its own
    return `select ${distinct}${keyOf(removal)}, ${valueOf(removal)} from ${qualifiedName(removal)} where ${proven}`;
  });
  return parts.join(removals.every(isReplaced) ? ' union ' : ' union all ');
}

/** The session's own list of hashes whose key a backup holds, with its length: not every column takes every key. */
export const createLookupTable: Statement = {
  sql: `create temporary table rubicon_hashes (${foundBy('hash')}, length int not null)`,
  why: 'To count what could be restored, without any key',
};

/** Takes what {@link selectLookups} gives. */
export const loadLookups = 'copy rubicon_hashes (hash, length) from stdin';

/** For the restored backup: each hash that {@link selectKeys} has a key for, and its length. A `copy … to stdout`. */
export const selectLookups = (plan: Kept, equalities: Equalities): string =>
  `copy (select distinct p.hash, char_length(p.key) from (${keptPairs(plan, equalities)}) as p (hash, key) order by 1) to stdout`;

/**
 * Pairs for the rows without a key from rows that have one by now: for a later fill, while others write. Fails for a
 * hash with two keys. Nothing where each row has a value of its own.
 */
export function learnKeys(plan: Kept): Statement[] {
  const replaced = replacedOf(withValues(plan));
  if (replaced.length === 0) return [];
  // Asked once, before anything is compared: on a first fill no row has a value yet, and the table is large.
  const any = replaced.map(
    (each) => `exists (select from ${qualifiedName(each)} where ${isSet(quoteIdentifier(each.column))})`,
  );
  const sql =
    `insert into rubicon_keys (hash, key) select p.hash, p.key from (${keptPairs(plan, [])}) as p (hash, key) ` +
    `where (${any.join(' or ')}) and p.hash in (${openLookups(replaced)})`;
  return [{ sql, why: 'What rows with a key tell about rows without one' }];
}

/** Where the pairs of a final copy are proven before they are used. */
export const createCopyTable: Statement = {
  sql: 'create temporary table rubicon_copy (hash text collate "C", key text not null)',
  why: 'Pairs of the final copy, before they are proven',
};

/** Takes the decrypted final copy. */
export const loadCopyPairs = 'copy rubicon_copy (hash, key) from stdin';

/** Run after the load, before any row is filled: a pair that is not proven must not get into a row. */
export const refuseUnproven = (table: 'rubicon_keys' | 'rubicon_copy', { removes, proof }: Kept): Statement[] =>
  proof === undefined || isKeptByRow({ removes })
    ? []
    : [
        {
          sql: `delete from ${table} where ${proofSql(proof, { removed: 'key', replacement: 'hash' })} is not true`,
          why: 'Every pair is proven again, as it arrived',
          changes: 0,
        },
      ];

/** To the keys that are known otherwise. What was copied last is right: a hash has one key, and a row changes its value. */
export const takeCopiedKeys: readonly string[] = [
  'update rubicon_keys as k set key = c.key from rubicon_copy as c where c.hash = k.hash and c.key <> k.key collate "C"',
  'insert into rubicon_keys (hash, key) select c.hash, c.key from rubicon_copy as c where not exists (select from rubicon_keys as k where k.hash = c.hash)',
];

/** The same for the lengths alone. */
export const takeCopiedLookups: readonly string[] = [
  'insert into rubicon_hashes (hash, length) select hash, char_length(key) from rubicon_copy on conflict do nothing',
];

/** The planner has to know that each is there once. Of the hash alone: what is sampled is written to a catalogue, and to WAL. */
export const analyzed = (table: 'rubicon_keys' | 'rubicon_hashes'): string => `analyze ${table} (hash)`;

/** How many of the hashes of rows without a key a backup has a key for that the session does not know yet. One `count`. */
export const countUnlearned = (removals: readonly ColumnRemoval[]): string =>
  `select count(*)::float8 as count from (${openLookups(removals)} except select hash from rubicon_keys) as o (hash) ` +
  'join rubicon_hashes as h on h.hash = o.hash ' +
  // Asked once, before: mostly the copy knows all that the backup does, and no row has to be looked at.
  'where exists (select hash from rubicon_hashes except select hash from rubicon_keys)';

const openLookups = (removals: readonly ColumnRemoval[]): string =>
  removals
    .map((removal) => {
      const key = keyOf(removal);
      return `select ${key} from ${qualifiedName(removal)} where ${lacksValue(removal)} and ${key} is not null`;
    })
    .join(' union ');
