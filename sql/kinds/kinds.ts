import type { DatabaseKind, ValueKind } from '../../contract/plan/kinds';
import type { DatabaseRemoval, RemovalOf, ValueRemoval } from '../../contract/plan/removal';
import { removalsOf, withValues, type Removes } from '../../contract/plan/removals';
import type { Statement } from '../statement';
import { column } from './column';
import type { SqlKind, ValueSqlKind } from './kind';
import { oneIndex } from './one-index';
import { partition } from './partition';
import { rows } from './rows';
import { table } from './table';

type Verbs<K extends DatabaseKind> = K extends ValueKind ? ValueSqlKind<RemovalOf<K>> : SqlKind<RemovalOf<K>>;

const kinds = { column, table, rows, partition, index: oneIndex } satisfies { [K in DatabaseKind]: Verbs<K> };

/** The verbs of its kind. */
export const verbsOf = <R extends DatabaseRemoval>({ kind }: R): SqlKind<R> => kinds[kind] as unknown as SqlKind<R>;

/** The same, with those that keep its values. */
export const valueVerbsOf = <R extends ValueRemoval>({ kind }: R): ValueSqlKind<R> =>
  kinds[kind] as unknown as ValueSqlKind<R>;

/** Of all that a plan removes from the database, in the one order of {@link removalsOf}; they are of one kind. */
export function statementsOf(
  plan: { removes: Removes },
  ask: (verbs: SqlKind<DatabaseRemoval>, all: DatabaseRemoval[]) => Statement[],
): Statement[] {
  const all = removalsOf(plan);
  const [first] = all;
  return first === undefined ? [] : ask(verbsOf(first), all);
}

/** The same for what keeps values; nothing where there are none. */
export function valueStatementsOf(
  plan: { removes: Removes },
  ask: (verbs: ValueSqlKind<ValueRemoval>, all: ValueRemoval[]) => Statement[],
): Statement[] {
  const all = withValues(plan);
  const [first] = all;
  return first === undefined ? [] : ask(valueVerbsOf(first), all);
}
