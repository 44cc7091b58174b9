import type { TableName } from '../contract/text/object-name';
import { derivedName } from './derived-name';
import { doBlock } from './do-block';
import { qualifiedName, quoteIdentifier, quoteLiteral } from './identifier';
import type { Statement } from './statement';

/**
 * A partition that is detached is an ordinary table: the server forgets of which values it was. A CHECK on it says the same
 * as its bound did, so that no row of other values gets in meanwhile, and attaching has no row to read; the comment on that
 * CHECK is the bound, word for word, so that nothing else is needed to attach it again.
 */
export const boundCheck = 'rubicon_hidden_bound';

/** While it is attached. For new rows at once; {@link validateBound} asks the others. */
export const noteBound = (partition: TableName): Statement => ({
  sql: doBlock(`declare
  bound text;
  holds text;
begin
  ${plainTexts}
  select pg_get_expr(c.relpartbound, c.oid), pg_get_partition_constraintdef(c.oid) into strict bound, holds
    from pg_class c where c.oid = ${regclass(partition)} and c.relispartition;
  execute ${quoteLiteral(`${addBound(partition)} check (`)} || holds || ') not valid';
  execute ${quoteLiteral(`${commentOnBound(partition)} is `)} || quote_literal(bound);
end`),
  why: `Keeps the bound of ${qualifiedName(partition)} while it is a table of its own`,
});

/** The same for a table that was built again, as it was captured. */
export const noteCapturedBound = (table: TableName, { bound, holds }: CapturedBound): Statement[] => [
  { sql: `${addBound(table)} check (${holds}) not valid`, why: 'The bound that the partition had' },
  { sql: `${commentOnBound(table)} is ${quoteLiteral(bound)}`, why: 'As it is written to attach it' },
];

/** Of which values a partition is, in two ways; the adapters' capture has this shape. */
export interface CapturedBound {
  /** `FOR VALUES …`, as `attach partition` takes it. */
  bound: string;
  /** A condition that each of its rows fulfils, and only such ones. */
  holds: string;
}

/** Reads the table while others write. */
export const validateBound = (partition: TableName): Statement => ({
  sql: `alter table ${qualifiedName(partition)} validate constraint ${boundCheck}`,
  why: 'So that attaching it again reads no row',
});

/** Nothing happens where there is none. */
export const forgetBound = (partition: TableName): Statement => ({
  sql: `alter table ${qualifiedName(partition)} drop constraint if exists ${boundCheck}`,
  why: 'Its bound says the same',
});

/** So that a bound is read as it was printed, whatever the session: in it a backslash stands as it is. */
const plainTexts = [
  ['standard_conforming_strings', 'on'],
  ['datestyle', 'ISO, YMD'],
  ['intervalstyle', 'postgres'],
  ['extra_float_digits', '1'],
]
  .map(([name, setting]) => `perform set_config('${name}', '${setting}', true);`)
  .join('\n  ');

/** Each value as the server prints it; whoever may write the comment must not have us run anything else. */
const value = `('([^']|'')*'|-?[0-9.]+(e[-+]?[0-9]+)?|NULL|MINVALUE|MAXVALUE|true|false)`;
const values = String.raw`\(${value}(, ${value})*\)`;
const wellFormed = `^FOR VALUES (IN ${values}|FROM ${values} TO ${values})$`;

/** Whether a text is a bound, and nothing else. */
export const isBound = (text: string): boolean => new RegExp(wellFormed).test(text);

/** Attaches what was detached, by the bound that was noted; nothing happens to what is attached. */
export const attach = (of: TableName, partition: TableName): Statement => ({
  sql: doBlock(`declare
  bound text;
begin
  ${plainTexts}
  if exists (select from pg_inherits where inhrelid = ${regclass(partition)} and inhdetachpending) then
    raise exception 'its detachment is not finished; run first: %', ${quoteLiteral(finalize(of, partition).sql)};
  end if;
  if not (select relispartition from pg_class where oid = ${regclass(partition)}) then
    select obj_description(oid, 'pg_constraint') into strict bound from pg_constraint
     where conrelid = ${regclass(partition)} and conname = ${quoteLiteral(boundCheck)};
    if bound is null or bound !~ ${quoteLiteral(wellFormed)} then
      raise exception 'expected the bound of a partition in the comment on %, found something else', ${quoteLiteral(boundCheck)};
    end if;
    execute ${quoteLiteral(`alter table ${qualifiedName(of)} attach partition ${qualifiedName(partition)} `)} || bound;
  end if;
end`),
  why: `${qualifiedName(of)} has its rows again`,
});

const detachOf = (of: TableName, partition: TableName): string =>
  `alter table ${qualifiedName(of)} detach partition ${qualifiedName(partition)}`;

/** In no transaction: nobody waits for it, while it waits for whoever has used the partitioned table before it began. */
export const detachConcurrently = (of: TableName, partition: TableName): Statement => ({
  sql: `${detachOf(of, partition)} concurrently`,
  why: `${qualifiedName(of)} has its rows no more; in no transaction`,
});

/** In a transaction, where there is a default partition: the server refuses the other way then. */
export const detachAtOnce = (of: TableName, partition: TableName): Statement => ({
  sql: detachOf(of, partition),
  why: `${qualifiedName(of)} has its rows no more`,
});

/** What was cut off in the middle of {@link detachConcurrently} can only be finished. In no transaction. */
export const finalize = (of: TableName, partition: TableName): Statement => ({
  sql: `${detachOf(of, partition)} finalize`,
  why: 'Finishes a detachment that was interrupted',
});

/** Of the CHECK by which the default partition has no row of a partition that comes back. */
const outsideCheck = (partition: TableName): string =>
  quoteIdentifier(derivedName('rubicon_without_', partition.table));

/** So that attaching need not read the default partition under a lock: no new row of these values from here on. */
export const keepOut = (other: TableName, partition: TableName, holds: string): Statement[] => [
  ...letIn(other, partition),
  {
    sql: `alter table ${qualifiedName(other)} add constraint ${outsideCheck(partition)} check (not (${holds})) not valid`,
    why: 'A row with these values belongs to the partition that is restored',
  },
];

/** Fails (23514) where there is such a row. Reads the default partition while others write. */
export const validateKeptOut = (other: TableName, partition: TableName): Statement => ({
  sql: `alter table ${qualifiedName(other)} validate constraint ${outsideCheck(partition)}`,
  why: 'Whether it has rows with these values',
});

/** Nothing happens where it is not kept out. */
export const letIn = (other: TableName, partition: TableName): Statement[] => [
  {
    sql: `alter table ${qualifiedName(other)} drop constraint if exists ${outsideCheck(partition)}`,
    why: 'The bound of the partition says the same',
  },
];

const addBound = (table: TableName): string => `alter table ${qualifiedName(table)} add constraint ${boundCheck}`;
const commentOnBound = (table: TableName): string => `comment on constraint ${boundCheck} on ${qualifiedName(table)}`;
const regclass = (table: TableName): string => `${quoteLiteral(qualifiedName(table))}::regclass`;
