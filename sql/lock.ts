import type { TableName } from '../contract/text/object-name';
import type { Plan } from '../contract/plan/plan';
import { placeOf } from '../contract/plan/places';
import { removalsOf } from '../contract/plan/removals';
import { qualifiedName } from './identifier';
import { verbsOf } from './kinds/kinds';

/**
 * The plan's tables, or the indexes of which tables it changes, under each name that they can have: one that goes as a whole is
 * renamed on its way, and rows that go have one beside theirs. Some of these need not be there.
 */
export const possibleRelations = (plan: Pick<Plan, 'removes'>): TableName[] =>
  removalsOf(plan).flatMap((removal) => {
    const { schema, table } = placeOf(removal);
    const names = new Set([table, placeOf(verbsOf(removal).hidden(removal)).table]);
    return [...names].map((name) => ({ schema, table: name }));
  });

/** Against everybody; against writers; against others that change the schema. */
export type LockMode = 'access exclusive' | 'share row exclusive' | 'share update exclusive';

/**
 * Locks tables in the one order that they are given in.
 * Before a look that must still be true when the DDL behind it runs; under `lock_timeout`, since others wait behind it.
 */
export function lockTables(tables: readonly TableName[], mode: LockMode): string {
  const names = new Set(tables.map(qualifiedName));
  return `lock table ${[...names].join(', ')} in ${mode} mode`;
}
