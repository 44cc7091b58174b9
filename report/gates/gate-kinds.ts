import type { Kind } from '../../contract/plan/kinds';
import type { Change, RemovedPart, SavedBy } from '../../contract/run/change';
import { counted, thousands } from '../../contract/text/plain-text';

/** What a gate says in other words for each kind of what a plan removes. */
interface GateKind {
  /** How much of it there was, after its name. */
  amount: (part: RemovedPart) => string;
  /** How it is brought back before the drop. */
  undo: string;
  /** What hides it, just before the trial. */
  hidden: string;
  /** What a rollback brings back after the drop, without the final full stop. */
  restore: (savedBy: SavedBy) => string;
  /** What comes back after the drop, from its names. */
  comesBack: (names: string) => string;
  /** What comes back first in a rollback. */
  rebuild: string;
  /** What a rollback does with a rollout that has died before its drop. */
  unhide: string;
}

const notCounted = 'rows not counted';
const asCaptured = 'built as they were captured before the drop';

const ofColumns: Record<SavedBy, string> = {
  replacement:
    'a rollback restores the value of every row from the final copy. Rows whose replacement is new since the freeze have ' +
    'no value: they get an unusable placeholder, so they stay inaccessible',
  row: 'a rollback restores the value of every row as it was at the freeze, from the final copy. Rows written since have none',
  'row or proof':
    'a rollback restores the value of every row as it was at the freeze where it still fits its replacement, else the ' +
    'value that follows from the replacement. Rows with neither are counted before anyone approves the rollback',
  nothing: 'nothing can be restored',
};

export const gateKinds = {
  column: {
    amount: ({ rows, replacedBy }) =>
      `${rows === undefined ? notCounted : `${counted(rows.removed, 'value')} in ${counted(rows.total, 'row')}`}; ` +
      (replacedBy === undefined ? 'nothing replaces it' : `replaced by ${replacedBy}`),
    undo: 'within moments',
    hidden: 'columns hidden',
    restore: (savedBy) => ofColumns[savedBy],
    comesBack: (names) => `columns ${names}, ${asCaptured}`,
    rebuild: 'columns rebuilt and filled',
    unhide: 'the columns get their names back and accept writes again',
  },
  table: {
    amount: ({ rows }) => `the whole table, ${rows === undefined ? notCounted : counted(rows.total, 'row')}`,
    undo: 'within moments',
    hidden: 'tables hidden',
    restore: () => 'a rollback rebuilds the tables and restores every row as it was at the freeze, from the final copy',
    comesBack: (names) => `tables ${names}, ${asCaptured}`,
    rebuild: 'tables rebuilt and filled',
    unhide: 'the tables get their names back and accept writes again',
  },
  rows: {
    amount: ({ rows }) =>
      rows === undefined ? notCounted : `${counted(rows.removed, 'row')} of ${thousands(rows.total)}`,
    undo: 'in batches, for as long as it takes to move the rows',
    hidden: 'rows moved out of their table',
    restore: () => 'a rollback restores every row as it was at the freeze, from the final copy',
    comesBack: (names) => `the rows of ${names}`,
    rebuild: 'rows restored',
    unhide: 'the rows return to their table, which accepts writes again',
  },
  partition: {
    amount: ({ rows }) => `the whole partition, ${rows === undefined ? notCounted : counted(rows.total, 'row')}`,
    undo: 'within moments, unless rows with their values were written in the meantime',
    hidden: 'partitions detached and hidden',
    restore: () =>
      'a rollback rebuilds the partitions, restores every row as it was at the freeze, from the final copy, and attaches ' +
      'them again. Rows that were written for their values meanwhile have to be put aside first',
    comesBack: (names) => `partitions ${names}, ${asCaptured}, and attached again`,
    rebuild: 'partitions rebuilt, filled and attached',
    unhide: 'the partitions get their names back, are attached again and accept writes',
  },
  index: {
    amount: ({ definition }) =>
      `the index alone, no value is deleted${definition === undefined ? '' : `; ${definition}`}`,
    undo: 'within moments',
    hidden: 'indexes renamed to hide them, remaining reads counted',
    restore: () =>
      'a rollback rebuilds the indexes from their definition without blocking writes. Nothing is lost; until then, queries ' +
      'that need them are slow',
    comesBack: (names) => `indexes ${names}, ${asCaptured}`,
    rebuild: 'indexes rebuilt without blocking writes',
    unhide: 'the indexes get their names back',
  },
  external: {
    amount: () => 'outside the database, for good',
    undo: "by the platform's own action",
    hidden: "taken out of use by the platform's action",
    restore: () => 'NOT RECOVERABLE. The plan says "restore: none"; there is no backup and no copy',
    comesBack: () => 'nothing',
    rebuild: 'nothing',
    unhide: "the platform's action puts it back into use",
  },
} satisfies Record<Kind, GateKind>;

export const namesOf = ({ removes }: Change): string => removes.map(({ name }) => name).join(', ');

export const deletedLines = ({ kind, removes }: Change): string[] =>
  removes.map((part) => `${part.name}: ${gateKinds[kind].amount(part)}`);
