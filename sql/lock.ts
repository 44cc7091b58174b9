import { removalsOf, type Plan } from '../contract/plan';
import { qualifiedName } from './identifier';

/**
 * Locks the plan's tables in the one order: `access exclusive` against everybody, `share row exclusive` against writers.
 * Before a look that must still be true when the DDL behind it runs; under `lock_timeout`, since others wait behind it.
 */
export function lockTables(plan: Pick<Plan, 'removes'>, mode: 'access exclusive' | 'share row exclusive'): string {
  const tables = new Set(removalsOf(plan).map(qualifiedName));
  return `lock table ${[...tables].join(', ')} in ${mode} mode`;
}
