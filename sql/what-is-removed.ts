import type { Plan } from '../contract/plan/plan';
import { placeOf } from '../contract/plan/places';
import type { ValueRemoval } from '../contract/plan/removal';
import { isKeptByRow, withValues } from '../contract/plan/removals';
import type { TableName } from '../contract/text/object-name';
import type { Equalities } from './condition';
import { qualifiedName } from './identifier';
import { valueVerbsOf } from './kinds/kinds';
import { keyOf } from './saved-values/kept-by';
import { hasValue, valueOf } from './saved-values/saved-value';

/**
 * All that goes, as pairs of `replacement`, by which a value is found again, and `removed`, the value; `n`: of how many
 * rows. The same statement tells what is copied, while it is there under its own names, and what is about to be dropped,
 * when it is hidden.
 */
export function whatIsRemoved(plan: Pick<Plan, 'removes'>, is: { shown: Equalities } | 'hidden'): string {
  const byRow = isKeptByRow(plan);
  const parts = withValues(plan).map((removal) => {
    const from = is === 'hidden' ? hidden(removal) : shown(removal, is.shown);
    const n = byRow ? '1' : 'count(*)';
    const pairs = `select ${keyOf(removal, 't.')} as replacement, ${from.value} as removed, ${n} as n from ${from.table} as t where ${from.has}`;
    return byRow ? pairs : `${pairs} group by 1, 2`;
  });
  const all = parts.join(' union all ');
  return byRow ? all : `select replacement, removed, sum(n) as n from (${all}) as each group by 1, 2`;
}

interface Source {
  table: string;
  value: string;
  has: string;
}

const shown = (removal: ValueRemoval, equalities: Equalities): Source => ({
  table: qualifiedName(removal),
  value: valueOf(removal, 't.'),
  has: hasValue(removal, equalities),
});

/** Rows that go have a table of their own then. */
function hidden(removal: ValueRemoval): Source {
  const verbs = valueVerbsOf(removal);
  const renamed = verbs.hidden(removal);
  return { table: qualifiedName(renamed), value: valueOf(renamed, 't.'), has: verbs.hasValueHidden(removal) };
}

/** How much it is, and which, without any of it. */
export interface WhatIsRemoved {
  /** With a value. */
  rows: number;
  /** Distinct pairs; as many as rows where each is kept by its row. */
  pairs: number;
  /** Sum of a 64-bit hash of each pair, in whatever order; there to find faults and not forgers. */
  fingerprint: string;
}

/** One row of {@link WhatGoes}. `pairs`: a statement or a table with `replacement`, `removed` and `n`. */
export const measure = (pairs: string): string => `select ${measures} from ${pairs} as pairs`;

/** For a statement that counts more of the same pairs. */
export const measures =
  'coalesce(sum(n), 0)::float8 as rows, count(*)::float8 as pairs, ' +
  'coalesce(sum(pg_catalog.hash_record_extended(row(replacement, removed), 0)), 0)::text as fingerprint';

/** How many rows that are about to go have a pair that is not in the session's `rubicon_copy`. One `count`. */
export const countUncopied = (plan: Pick<Plan, 'removes'>): string =>
  `select coalesce(sum(n), 0)::float8 as count from (${whatIsRemoved(plan, 'hidden')}) as p ` +
  'where not exists (select from rubicon_copy as c where c.hash = p.replacement and c.key = p.removed)';

/** Tables that nobody uses any more, so that nobody waits when nobody may write them; columns are in tables that are used. */
export const hiddenTables = (plan: Pick<Plan, 'removes'>): TableName[] =>
  withValues(plan)
    .map((removal) => placeOf(valueVerbsOf(removal).hidden(removal)))
    .flatMap(({ schema, table, column }) => (column === undefined ? [{ schema, table }] : []));
