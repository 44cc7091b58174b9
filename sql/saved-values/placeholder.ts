import { quoteLiteral } from '../identifier';

/**
 * What stands in the place of a value that nobody has any more: it closes a row that a release which reads the removed
 * column would show to everybody. It is no value: it is neither counted, nor compared, nor copied, nor given back as one,
 * and it is taken back when the column goes again. Here, and nowhere else, it is told from values.
 */

/** Begins the unusable placeholder; a uuid of chance follows. */
export const placeholderStart = '!rubicon:no-key:';

/** Length of the whole; the column must be able to hold it. */
export const placeholderLength = placeholderStart.length + 36;

/** An expression: another one in each row. */
export const newPlaceholder = `${quoteLiteral(placeholderStart)} || gen_random_uuid()`;

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';

/**
 * Condition over an expression of text, true or false and never null: it is exactly of our own form, so that what an
 * application writes with the same beginning stays a value. Byte by byte: a non-deterministic collation allows no
 * patterns (0A000), and would call others equal. The cheap half stands first, since it is asked for every row.
 */
export function isPlaceholder(value: string): string {
  const text = `${value}::text collate "C"`;
  return (
    `coalesce(pg_catalog.starts_with(${text}, ${quoteLiteral(placeholderStart)}) and ` +
    `${text} operator(pg_catalog.~) '^${placeholderStart}${uuid}$', false)`
  );
}
