import type { ValueKind } from '../../contract/plan/kinds';
import type { ValueRemoval, RemovalOf } from '../../contract/plan/removal';
import { removedWhere, type Equalities } from '../condition';
import { quoteIdentifier } from '../identifier';
import { asBytes, isReplaced } from './kept-by';
import { isPlaceholder } from './placeholder';
import { isSet } from './same-bytes';

/** What is saved of something that goes: the value of a column, or a whole row. */
interface Saved<R extends ValueRemoval> {
  value: (removal: R, of: string) => string;
  exists: (removal: R, equalities: Equalities) => string;
}

const wholeRow = ({ table }: { table: string }, of: string): string =>
  asBytes(`(${of === '' ? `${quoteIdentifier(table)}.` : of}*)`);

const saved = {
  column: {
    value: ({ column }, of) => asBytes(`${of}${quoteIdentifier(column)}`),
    exists: (removal) => {
      const column = quoteIdentifier(removal.column);
      return isReplaced(removal) ? `${isSet(column)} and not ${isPlaceholder(column)}` : isSet(column);
    },
  },
  table: { value: wholeRow, exists: () => 'true' },
  rows: { value: wholeRow, exists: removedWhere },
  partition: { value: wholeRow, exists: () => 'true' },
} satisfies { [K in ValueKind]: Saved<RemovalOf<K>> };

const of = ({ kind }: ValueRemoval) => saved[kind] as Saved<ValueRemoval>;

/**
 * The removed value as text, in which it is kept; exact for every ordinary type under the settings of our sessions. `table` is
 * the name of the table in the statement, with its dot.
 */
export const valueOf = (removal: ValueRemoval, table = ''): string => of(removal).value(removal, table);

/** Condition: there is a value to keep. A placeholder of ours is none. */
export const hasValue = (removal: ValueRemoval, equalities: Equalities): string =>
  of(removal).exists(removal, equalities);
