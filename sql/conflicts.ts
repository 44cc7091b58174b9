import { qualifiedName, quoteIdentifier } from './identifier';
import type { TableName } from '../contract/text/object-name';
import { isUnset } from './saved-values/same-bytes';

/** What no two rows may have in common; the adapters' rule has this shape. */
export interface UniqueRule {
  name: string;
  /** Two rows without a value are alike (`NULLS NOT DISTINCT`). */
  nullsAlike: boolean;
  /** Which rows it is about, as the server prints it; null = all. */
  predicate: string | null;
  /** The key, in its order. `collation` is qualified, null = the type has none; by `operator` two values are alike. */
  parts: readonly { expression: string; collation: string | null; operator: string }[];
}

/** A row that is to come, column by column as its table has them now. */
export interface Candidate {
  columns: readonly { name: string; type: string }[];
  /** Columns that the candidate has a value for; all others come without one. */
  known: ReadonlySet<string>;
  /** The record that has them, such as `kept.r`. */
  record: string;
}

/**
 * Condition: a row of the table has what this one may not have in common with it. For what the server does not look at by
 * itself: `on conflict do nothing` refuses tables with a deferrable rule, and a session that skips triggers checks no such
 * rule at all.
 */
export function isTaken(rule: UniqueRule, table: TableName, { columns, known, record }: Candidate): string {
  const own = columns.map(({ name, type }) => {
    const column = quoteIdentifier(name);
    return `${known.has(name) ? `(${record}).${column}` : 'null'}::${type} as ${column}`;
  });
  const where = rule.predicate === null ? '' : ` where ${rule.predicate}`;
  const alike = rule.parts.map(({ operator }, index) => {
    const [one, other] = [`own.k${index}`, `taken.k${index}`];
    const same = `${one} ${operator} ${other}`;
    return rule.nullsAlike ? `(${same} or ${isUnset(one)} and ${isUnset(other)})` : same;
  });
  return (
    `exists (select from (select ${keysOf(rule)} from (select ${own.join(', ')}) as candidate${where}) as own ` +
    `join (select ${keysOf(rule)} from only ${qualifiedName(table)}${where}) as taken on ${alike.join(' and ')})`
  );
}

const keysOf = ({ parts }: UniqueRule): string =>
  parts
    .map(
      ({ expression, collation }, index) =>
        `(${expression})${collation === null ? '' : ` collate ${collation}`} as k${index}`,
    )
    .join(', ');
