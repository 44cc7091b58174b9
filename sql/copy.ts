import { removalsOf, type Plan, type Removal } from '../contract/plan';
import { qualifiedName, quoteIdentifier } from './identifier';
import { proofSql } from './proof';

/**
 * The final copy: each distinct pair of replacement and removed value over all tables of the plan. With thousands of
 * owners and millions of rows it is a small file. The proof speaks of a pair, so proving each distinct pair proves each
 * row.
 */
const pairs = (removals: readonly Removal[]): string =>
  removals
    .map((removal) => {
      const [removed, replacement] = [quoteIdentifier(removal.column), quoteIdentifier(removal.replacedBy)];
      return `select distinct ${replacement}, ${removed} from ${qualifiedName(removal)} where ${removed} is not null`;
    })
    .join(' union ');

/** What is wrong with the pairs, in numbers; all but `pairs` must be 0. */
export interface PairFaults {
  pairs: number;
  /** Without a replacement: such a row would be open to everybody. */
  withoutReplacement: number;
  /** The proof does not hold. */
  notProven: number;
  /** Replacements that stand beside more than one removed value: which one is theirs, nobody knows. */
  ambiguous: number;
}

/** One row of {@link PairFaults}. */
export function judgePairs(plan: Pick<Plan, 'removes' | 'proof'>): string {
  const proven = proofSql(plan.proof, { removed: 'removed', replacement: 'replacement' });
  return (
    `select count(*)::float8 as pairs, count(*) filter (where replacement is null)::float8 as "withoutReplacement", ` +
    `count(*) filter (where replacement is not null and ${proven} is not true)::float8 as "notProven", ` +
    `(count(replacement) - count(distinct replacement))::float8 as ambiguous ` +
    `from (${pairs(removalsOf(plan))}) as p (replacement, removed)`
  );
}

/** A `copy … to stdout` of the pairs, in the form that `loadKeys` of a fill takes. */
export const copyPairs = (plan: Pick<Plan, 'removes'>): string =>
  `copy (${pairs(removalsOf(plan))} order by 1) to stdout`;
