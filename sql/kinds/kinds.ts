import type { DatabaseKind } from '../../contract/plan/kinds';
import type { DatabaseRemoval, RemovalOf } from '../../contract/plan/removal';
import { removalsOf, type Removes } from '../../contract/plan/removals';
import type { Statement } from '../statement';
import { column } from './column';
import type { SqlKind } from './kind';
import { partition } from './partition';
import { rows } from './rows';
import { table } from './table';

const kinds = { column, table, rows, partition } satisfies { [K in DatabaseKind]: SqlKind<RemovalOf<K>> };

/** The verbs of its kind. */
export const verbsOf = <R extends DatabaseRemoval>({ kind }: R): SqlKind<R> => kinds[kind] as unknown as SqlKind<R>;

/** Of all that a plan removes from the database, in the one order of {@link removalsOf}; they are of one kind. */
export function statementsOf(
  plan: { removes: Removes },
  ask: (verbs: SqlKind<DatabaseRemoval>, all: DatabaseRemoval[]) => Statement[],
): Statement[] {
  const all = removalsOf(plan);
  const [first] = all;
  return first === undefined ? [] : ask(verbsOf(first), all);
}
