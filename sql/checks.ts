import { qualifiedName, quoteIdentifier, quoteLiteral } from './identifier';
import type { TableName } from '../contract/object-name';
import type { Statement } from './statement';

/**
 * A CHECK holds while rows are written, whether they are new or come back: one that looks at the clock, or at what a
 * function says today, refuses rows that it took once. So rows come first, and it follows.
 */
export interface CheckConstraint {
  name: string;
  /** As the server prints it: `CHECK ((ends_at > now()))`, with `NO INHERIT`, `NOT VALID`, `NOT ENFORCED`. */
  definition: string;
  comment: string | null;
}

/** `$1`, `$2` = schema and table. */
export const selectChecks = `
  select k.conname as name, pg_get_constraintdef(k.oid) as definition, obj_description(k.oid, 'pg_constraint') as comment
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
   where k.contype = 'c' and n.nspname = $1 and c.relname = $2 order by k.conname`;

export const takeCheckOff = (table: TableName, { name }: CheckConstraint): Statement => ({
  sql: `alter table ${qualifiedName(table)} drop constraint ${quoteIdentifier(name)}`,
  why: 'Rows that it took once are written again; it follows after them',
});

/** A CHECK, NOT NULL or foreign key. For new rows at once; whether the others fulfil it is another question: {@link validate}. */
export const putConstraintOn = (table: TableName, { name, definition, comment }: CheckConstraint): Statement[] => [
  {
    sql: `alter table ${qualifiedName(table)} add constraint ${quoteIdentifier(name)} ${definition}${isTold(definition) ? '' : ' NOT VALID'}`,
    why: 'As it was, for whatever is written from now on',
  },
  ...(comment === null
    ? []
    : [
        {
          sql: `comment on constraint ${quoteIdentifier(name)} on ${qualifiedName(table)} is ${quoteLiteral(comment)}`,
          why: 'Its comment',
        },
      ]),
];

/** Reads the table while others write. Only for one that was valid: what was none is none. */
export const validate = (table: TableName, name: string): string =>
  `alter table ${qualifiedName(table)} validate constraint ${quoteIdentifier(name)}`;

const isTold = (definition: string): boolean => / (?:NOT VALID|NOT ENFORCED)$/.test(definition);
