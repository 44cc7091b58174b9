import type { RowsRemoval, WholeTable } from '../contract/plan/removal';
import { qualifiedName, quoteIdentifier, quoteLiteral } from './identifier';
import { keyOf, keyStart } from './saved-values/kept-by';
import { valueOf } from './saved-values/saved-value';
import type { Statement } from './statement';

/** A table that was built again gets its rows back, and its sequences go on. */

/** Every row that is kept of the table, into the table as it was; `columns` are those that can be written. */
export function fillTable(removal: WholeTable, columns: readonly string[]): Statement {
  const table = qualifiedName(removal);
  const names = columns.map(quoteIdentifier);
  // "offset 0": a row is read from its text once, and not once a column.
  return {
    sql:
      `insert into ${table} (${names.join(', ')}) overriding system value select ${names.map((name) => `(kept.r).${name}`).join(', ')} ` +
      `from (select k.key::${table} as r from rubicon_keys as k where ${isOf(removal)} and k.hash not in (` +
      `select ${keyOf(removal, 't.')} from ${table} as t) offset 0) as kept`,
    why: 'Each missing row, as it was copied',
  };
}

/** A table that is gone has no rows of its own to compare with: what is kept comes back. */
export const forecastTables =
  'select count(*)::float8 as "restorableRows", count(*)::float8 as "restorableValues", 0::float8 as "lostRows", 0::float8 as "lostValues" from rubicon_keys';

/** Where a sequence stood; the adapters' state has this shape. */
interface SequencePosition {
  sequence: string;
  lastValue: string;
  isCalled: boolean;
  up: boolean;
  cycles?: boolean;
}

/**
 * A sequence goes on where it was, whatever the column is that it is for. One that has been used since, further on, is
 * left alone, so that no value is given twice.
 */
export const continueSequence = (state: SequencePosition): Statement => ({
  sql:
    `select setval(${quoteLiteral(state.sequence)}, ${state.lastValue}, ${state.isCalled}) ` +
    `from ${state.sequence} as s where ${isBehind(state)}`,
  why: 'The next value is the one that would have come next',
});

/** Condition over the sequence itself. One that cycles has no further and nearer: only an unused one is behind. */
const isBehind = ({ lastValue, up, cycles }: SequencePosition): string =>
  `(not s.is_called${cycles === true ? '' : ` or s.last_value ${up ? '<' : '>'} ${lastValue}`})`;

/** Whether it stands where it was, or further on. One row, `yes`. */
export const isContinued = (state: SequencePosition): string =>
  `select not ${isBehind(state)} or (s.last_value = ${state.lastValue} and s.is_called = ${state.isCalled}) as yes from ${state.sequence} as s`;

/**
 * How many rows are kept, how many of them are there (`found`), exactly as they are kept (`same`), and how many rows the
 * table has (`there`). One row.
 */
export function compareTable(removal: WholeTable | RowsRemoval): string {
  const table = qualifiedName(removal);
  return (
    `select (select count(*) from rubicon_keys as k where ${isOf(removal)})::float8 as kept, ` +
    `(select count(*) from ${table})::float8 as there, ` +
    `(select count(*) from ${table} as t join rubicon_keys as k on k.hash = ${keyOf(removal, 't.')})::float8 as found, ` +
    `(select count(*) from ${table} as t join rubicon_keys as k on k.hash = ${keyOf(removal, 't.')} and k.key = ${valueOf(removal, 't.')})::float8 as same`
  );
}

const isOf = (removal: WholeTable | RowsRemoval): string => `starts_with(k.hash, ${quoteLiteral(keyStart(removal))})`;
