import type { ReplacedRemoval } from '../../contract/plan/removal';
import { qualifiedName, quoteIdentifier } from '../identifier';
import { keyOf } from './kept-by';
import { proofSql, replacementFrom } from './proof';
import type { Statement } from '../statement';

/**
 * One new key for each old hash, where nobody has the old keys any more. The table goes with its session and is written
 * to no WAL; a key never stands in the text or the parameters of a statement, which the server may log.
 */

/** Characters of a new key: 32 random bytes in base64url. */
export const newKeyLength = 43;

/** The session's own table of new keys; `new_hash` is null until {@link deriveHashes}. */
export const createNewKeyTable: Statement = {
  sql:
    'create temporary table rubicon_new_keys (old_hash text not null, key text not null unique, new_hash text unique, ' +
    'exclude using hash (old_hash with operator(pg_catalog.=)))', // a hash can be too long for an ordinary index
  why: 'One new key per old hash',
};

/** Every owner of all tables whose key the session does not know: each distinct hash once. A `copy … to stdout`. */
export const selectOwners = (removals: readonly ReplacedRemoval[]): string =>
  `copy (${removals
    .map((removal) => `select ${keyOf(removal)} from ${qualifiedName(removal)} where ${keyOf(removal)} is not null`)
    .join(' union ')} except select hash from rubicon_keys order by 1) to stdout`;

/** Takes lines of an old hash and its new key. */
export const loadDrawn = 'copy rubicon_new_keys (old_hash, key) from stdin';

/**
 * The new hashes, computed by the server from the plan's own proof, and proven by it. Throws if the proof does not say how
 * the replacement follows from the removed value.
 */
export function deriveHashes(proof: string): Statement[] {
  const derived = replacementFrom(proof, 'key');
  if (derived === undefined) throw new Error(notDerivable);
  const holds = proofSql(proof, { removed: 'key', replacement: 'new_hash' });
  return [
    { sql: `update rubicon_new_keys set new_hash = ${derived}`, why: 'As the application computes it' },
    {
      sql: `delete from rubicon_new_keys as n where ${holds} is not true or exists (select from rubicon_new_keys as o where o.old_hash = n.new_hash)`,
      why: 'Every pair is proven, and no new hash is an old one',
      changes: 0,
    },
  ];
}

/** What is thrown where the proof does not say how a hash follows from a key. */
export const notDerivable = 'expected a proof of the form "replacement = <expression over removed>"';

/** Old hash, new key, new hash. A `copy … to stdout`. */
export const selectNewKeys = 'copy (select old_hash, key, new_hash from rubicon_new_keys order by old_hash) to stdout';

/** Takes what {@link selectNewKeys} gives. */
export const loadNewKeys = 'copy rubicon_new_keys (old_hash, key, new_hash) from stdin';

/** The one key that is known all the same: that of the probes. */
export const createKnownTable: Statement = {
  sql: 'create temporary table rubicon_known (key text not null)',
  why: 'A key that the settings have',
};

/** Takes one line. */
export const loadKnown = 'copy rubicon_known (key) from stdin';

/** Undefined where the proof does not say how a hash follows from a key. */
export function takeKnownValues(proof: string): string | undefined {
  const hash = replacementFrom(proof, 'key');
  return hash && `insert into rubicon_keys (hash, key) select ${hash}, key from rubicon_known on conflict do nothing`;
}

/** The same for the length alone; undefined likewise. */
export function takeKnownLookups(proof: string): string | undefined {
  const hash = replacementFrom(proof, 'key');
  return (
    hash &&
    `insert into rubicon_hashes (hash, length) select ${hash}, char_length(key) from rubicon_known on conflict do nothing`
  );
}

/** To the keys that the session knows: rows under a new hash have a new key. */
export const takeNewKeys = 'insert into rubicon_keys (hash, key) select new_hash, key from rubicon_new_keys';

/** Condition: a row `t` is of the owner `n`. By the column itself, for its index, and then byte by byte. */
const isOwner = (removal: ReplacedRemoval): string =>
  `t.${quoteIdentifier(removal.replacedBy)} = n.old_hash and ${keyOf(removal, 't.')} = n.old_hash`;

/** Old hashes that rows still have, in one order. */
export const selectOpenOwners = (removals: readonly ReplacedRemoval[]): string =>
  `select n.old_hash as hash from rubicon_new_keys as n where ${removals
    .map((removal) => `exists (select from ${qualifiedName(removal)} as t where ${isOwner(removal)})`)
    .join(' or ')} order by 1`;

/** All rows of the owner whose old hash is `$1`: key and hash in one statement, so that they never disagree. */
export const renewOwner = (removal: ReplacedRemoval): Statement => {
  const [removed, replacement] = [quoteIdentifier(removal.column), quoteIdentifier(removal.replacedBy)];
  return {
    sql:
      `update ${qualifiedName(removal)} as t set ${removed} = n.key, ${replacement} = n.new_hash ` +
      `from rubicon_new_keys as n where n.old_hash = $1 and ${isOwner(removal)}`,
    why: 'The new key and its hash together',
  };
};

/** Whether any owner of a rollout has a new key. `$1` workflow id, `$2` first run. One row, `any`. */
export const findRenewed =
  'select exists (select from rubicon.new_hash where workflow_id = $1 and first_run = $2) as any';

/** In the transaction of {@link renewOwner}. `$1` old hash, `$2` workflow id, `$3` first run of the rollout. */
export const recordRenewal =
  'insert into rubicon.new_hash (old_hash, workflow_id, first_run, new_hash) ' +
  'select old_hash, $2, $3, new_hash from rubicon_new_keys as n where old_hash = $1 and not exists (' +
  'select from rubicon.new_hash as r where r.workflow_id = $2 and r.first_run = $3 and r.old_hash = n.old_hash)';
