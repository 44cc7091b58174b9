/**
 * Whether values are stored in the same bytes. What a type calls equal can be another value: 'User7' = 'user7' (citext), 1.0 = 1.00
 * (numeric), 0 = -0 (float8); a copy that keeps the text of one would not find, or not give back, the other. And text depends on
 * the settings of the session that writes (`extra_float_digits`), bytes do not. Any type has them, also one without an
 * equality (json, point).
 */

/** Condition, never null: the values of the first list are not those of the second one. Each is SQL. */
export const differ = (those: readonly string[], these: readonly string[]): string =>
  `pg_catalog.record_image_ne(row(${those.join(', ')}), row(${these.join(', ')}))`;

/** Condition, never null: the opposite. */
export const sameBytes = (those: readonly string[], these: readonly string[]): string =>
  `pg_catalog.record_image_eq(row(${those.join(', ')}), row(${these.join(', ')}))`;

/** Condition: there is a value. `is not null` is false for a composite one of which a field is null. */
export const isSet = (value: string): string => `${value} is distinct from null`;

/** Condition: there is none. */
export const isUnset = (value: string): string => `${value} is not distinct from null`;
