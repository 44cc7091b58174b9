import { shortName } from '../contract/text/object-name';
import type { RowsRemoval } from '../contract/plan/removal';
import { removedWhere, type Equalities } from './condition';
import { qualifiedName, quoteIdentifier, quoteLiteral } from './identifier';
import { keyOf, keyStart } from './saved-values/kept-by';
import type { Statement } from './statement';
import { hiddenTable } from './hidden-name';

/** Some rows of a table: how they are moved out of sight and back, in batches, and how they come back after the drop. */

/** Rows of one batch, whether they go or not. Nobody waits for one that goes: the freeze refuses whoever writes it. */
export const moveBatchRows = 10_000;

/** Rows of one batch of a rollback, which others may want to write as soon as they are back. */
export const putBatchRows = 1_000;

/** Set in our own transactions while rows are moved: the freeze lets these pass. */
export const movingSetting = 'rubicon.moving';

/** In each transaction that moves rows: the triggers and foreign keys of the application are not for a move. */
export const moveQuietly = (freeze: string): Statement[] => [
  { sql: 'set local session_replication_role = replica', why: 'To the application a move must not look like a change' },
  { sql: `set local ${movingSetting} = ${quoteLiteral(freeze)}`, why: 'The freeze lets its own rollout pass' },
];

/** Those on the pages from `$1` up to, not including, `$2` (`tid`) out of sight. */
export const moveOut = (removal: RowsRemoval, equalities: Equalities): Statement => ({
  sql:
    `with gone as (delete from only ${qualifiedName(removal)} as t where t.ctid >= $1::tid and t.ctid < $2::tid and ${removedWhere(removal, equalities, 't.')} returning t.*) ` +
    `insert into ${hiddenName(removal)} select * from gone`,
  why: `Hidden, about ${moveBatchRows} rows of the table at a time`,
});

/** Those on these pages of the hidden table back; `columns` are those that both tables have and that can be written. */
export function moveBack(removal: RowsRemoval, columns: readonly string[]): Statement {
  const names = columns.map(quoteIdentifier).join(', ');
  return {
    sql:
      `with back as (delete from only ${hiddenName(removal)} as t where t.ctid >= $1::tid and t.ctid < $2::tid returning t.*) ` +
      `insert into ${qualifiedName(removal)} (${names}) overriding system value select ${names} from back`,
    why: `Back where they were, ${moveBatchRows} rows at a time`,
  };
}

/** By hand. `columns`: those that can be written, where they are known; otherwise the table has to have no other ones. */
export function moveAllBack(removal: RowsRemoval, columns: readonly string[] = []): Statement {
  const names = columns.map(quoteIdentifier).join(', ');
  return {
    sql:
      `insert into ${qualifiedName(removal)}${names === '' ? '' : ` (${names})`} overriding system value ` +
      `select ${names || '*'} from ${hiddenName(removal)}`,
    why: `The rows of ${shortName(removal)} where they were${names === '' ? '; name the columns if one is generated' : ''}`,
  };
}

/** Whether there is any that goes. */
export const anyToRemove = (removal: RowsRemoval, equalities: Equalities): string =>
  `select exists (select from only ${qualifiedName(removal)} where ${removedWhere(removal, equalities)}) as yes`;

/** A table as it was when its rows were written as text: for the session alone. */
export const shapeTable = (index: number): string => `rubicon_shape_${index}`;

/** `columns`: as they were when the rows were written, in this order. */
export const makeShape = (index: number, columns: readonly { name: string; type: string }[]): Statement => ({
  sql: `create temporary table ${shapeTable(index)} (${columns.map(({ name, type }) => `${quoteIdentifier(name)} ${type}`).join(', ')})`,
  why: 'A row that is kept as text is read by the columns that its table had then',
});

/**
 * The kept rows on the pages of `rubicon_keys` from `$1` up to, not including, `$2` (`tid`): as many as fit into a batch.
 * What is there stays, and so does what has taken a value that may be there only once. Changes a row for each that it has
 * put in.
 *
 * @param shape index of its {@link shapeTable}, and the columns of it that can be written today
 * @param taken conditions over `kept.r`, where the server can't pass over such rows by itself; then nobody may write
 */
export function undoRemoval(
  removal: RowsRemoval,
  { index, columns }: { index: number; columns: readonly string[] },
  taken: readonly string[] | undefined,
): string {
  const table = qualifiedName(removal);
  const names = columns.map(quoteIdentifier);
  const free = (taken ?? []).map((condition) => ` and not ${condition}`).join('');
  return (
    `with kept as materialized (select k.key::${shapeTable(index)} as r from rubicon_keys as k ` +
    `where k.ctid >= $1::tid and k.ctid < $2::tid and ${isOf(removal)}) ` +
    `insert into ${table} (${names.join(', ')}) overriding system value ` +
    `select ${names.map((name) => `(kept.r).${name}`).join(', ')} from kept where true${free}` +
    (taken === undefined ? ' on conflict do nothing' : '')
  );
}

/** Of the rows on these pages of the hidden table: how many can't come back, since others have what may be there once. */
export const countTaken = (removal: RowsRemoval, taken: string): string =>
  `select count(*)::float8 as count from only ${hiddenName(removal)} as kept where kept.ctid >= $1::tid and kept.ctid < $2::tid and ${taken}`;

/** What a rollback gives back: rows whose key nobody has taken since; another row with it is a loss. One `FillForecast`. */
export function forecastRows(removals: readonly RowsRemoval[]): string {
  const taken = removals.map((removal) => `select ${keyOf(removal, 't.')} from ${qualifiedName(removal)} as t`);
  const counts = (name: string, condition: string): string =>
    `count(*) filter (where ${condition})::float8 as "${name}Rows", count(*) filter (where ${condition})::float8 as "${name}Values"`;
  return (
    `select ${counts('restorable', 'not k.taken')}, ${counts('lost', 'k.taken')} from (` +
    `select hash in (${taken.join(' union all ')}) as taken from rubicon_keys) as k`
  );
}

const isOf = (removal: RowsRemoval): string => `starts_with(k.hash, ${quoteLiteral(keyStart(removal))})`;

const hiddenName = ({ schema, table }: RowsRemoval): string => qualifiedName({ schema, table: hiddenTable(table) });
