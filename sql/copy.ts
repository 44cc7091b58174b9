import { type Plan } from '../contract/plan/plan';
import { isKeptByRow } from '../contract/plan/removals';
import type { Equalities } from './condition';
import { proofSql } from './saved-values/proof';
import type { Statement } from './statement';
import { measures, whatIsRemoved, type WhatIsRemoved } from './what-is-removed';

/**
 * The final copy: each distinct pair of replacement and removed value over all tables of the plan. With thousands of
 * owners and millions of rows it is a small file. The proof speaks of a pair, so proving each distinct pair proves each
 * row. Where a value is kept by its row, the name of the row stands in the place of the replacement, and nothing has to be
 * gathered: there are as many pairs as rows.
 *
 * The tables are read once, into the session's own table, which goes with its transaction and is written to no WAL. By
 * hashing, in parallel: sorting a million rows took three times as long.
 */
export const gatherPairs = (plan: Pick<Plan, 'removes'>): Statement[] =>
  isKeptByRow(plan)
    ? []
    : [
        ...quickly,
        {
          sql: `create temporary table rubicon_pairs on commit drop as ${whatIsRemoved(plan, { shown: [] })}`,
          why: 'One removed value per replacement, of all tables',
        },
        { sql: 'set local enable_sort = on', why: 'For the few pairs' },
      ];

/** For a statement that reads all rows and finds few pairs. Until the end of the transaction. */
export const quickly: readonly Statement[] = [
  { sql: `set local work_mem = '64MB'`, why: 'So that the owners fit into memory' },
  { sql: 'set local enable_sort = off', why: 'So that they are hashed' },
  { sql: 'set local parallel_setup_cost = 0', why: 'So that it is done in parallel' },
  { sql: 'set local parallel_tuple_cost = 0', why: 'Likewise: many rows give few pairs' },
];

/** What is copied, and what is wrong with the pairs, in numbers; these must be 0. */
export interface PairFaults extends WhatIsRemoved {
  /** Without a replacement: such a row would be open to everybody. */
  withoutReplacement: number;
  /** The proof does not hold. */
  notProven: number;
  /** Replacements that stand beside more than one removed value: which one is theirs, nobody knows. */
  ambiguous: number;
}

/** One row of {@link PairFaults}, of the pairs that were gathered. A row's primary key is there, and is its own. */
export function judgePairs(plan: Pick<Plan, 'removes' | 'proof'>, equalities: Equalities): string {
  const { proof } = plan;
  const none = '0::float8 as "withoutReplacement", 0::float8 as "notProven", 0::float8 as ambiguous';
  if (isKeptByRow(plan))
    return `select ${measures}, ${none} from (${whatIsRemoved(plan, { shown: equalities })}) as pairs`;
  const proven = proof === undefined ? 'true' : proofSql(proof, { removed: 'removed', replacement: 'replacement' });
  return (
    `select ${measures}, count(*) filter (where replacement is null)::float8 as "withoutReplacement", ` +
    `count(*) filter (where replacement is not null and ${proven} is not true)::float8 as "notProven", ` +
    `(count(replacement) - count(distinct replacement))::float8 as ambiguous from rubicon_pairs`
  );
}

/** The pairs, in the form that `loadKeys` of a fill takes. */
export const copyPairs = (plan: Pick<Plan, 'removes'>, equalities: Equalities): string =>
  isKeptByRow(plan)
    ? `copy (select replacement, removed from (${whatIsRemoved(plan, { shown: equalities })}) as pairs) to stdout`
    : 'copy (select replacement, removed from rubicon_pairs order by 1) to stdout';
