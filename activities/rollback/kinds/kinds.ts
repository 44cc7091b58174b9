import type { DatabaseKind } from '../../../contract/plan/kinds';
import type { Plan } from '../../../contract/plan/plan';
import { removalsOf } from '../../../contract/plan/removals';
import type { Capture } from '../../catalogue/captured-columns';
import { column } from './column';
import type { Dropped } from '../../rebuild/dropped';
import type { RollbackVerbs } from './kind';
import { oneIndex } from './one-index';
import { partition } from './partition';
import { rows } from './rows';
import { table } from './table';

const kinds = { column, table, rows, partition, index: oneIndex } satisfies { [K in DatabaseKind]: RollbackVerbs<K> };

/** The way back of what a plan has dropped, with all that it needs. Throws where nothing of it was in the database. */
export function rollbackVerbsOf(
  plan: Plan,
  captured: readonly Capture[],
): { verbs: RollbackVerbs<DatabaseKind>; dropped: Dropped<DatabaseKind> } {
  const removals = removalsOf(plan);
  const [first] = removals;
  if (first === undefined)
    throw new Error('expected something that can come back, found none; this is a bug in Rubicon');
  return { verbs: kinds[first.kind] as unknown as RollbackVerbs<DatabaseKind>, dropped: { plan, removals, captured } };
}
