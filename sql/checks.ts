import { qualifiedName, quoteIdentifier, quoteLiteral } from './identifier';
import type { TableName } from '../contract/text/object-name';
import type { Statement } from './statement';

/**
 * A CHECK holds while rows are written, whether they are new or come back: one that looks at the clock, or at what a
 * function says today, refuses rows that it took once, and one that is NOT VALID refuses rows that were there before it. So
 * rows come first, and it follows.
 */
export interface CheckConstraint {
  name: string;
  /** As the server prints it: `CHECK ((ends_at > now()))`, with `NO INHERIT`, `NOT VALID`, `NOT ENFORCED`. */
  definition: string;
  /** Null = none. */
  comment: string | null;
}

/** A CHECK where it was made: not where it is inherited. */
export interface PlacedCheck extends CheckConstraint {
  on: 'table' | 'domain';
  /** Qualified, quoted where needed. */
  place: string;
  /** Comments on it in tables that inherit it: they go with it, too. */
  heirs: { place: string; comment: string }[];
}

/** `$1`, `$2` = schema and table. */
export const selectChecks = `
  select k.conname as name, pg_get_constraintdef(k.oid) as definition, obj_description(k.oid, 'pg_constraint') as comment
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
   where k.contype = 'c' and n.nspname = $1 and c.relname = $2 order by k.conname`;

const placed = (on: PlacedCheck['on'], place: string): string =>
  `'${on}' as on, ${place} as place, k.conname as name, pg_get_constraintdef(k.oid) as definition, ` +
  `obj_description(k.oid, 'pg_constraint') as comment`;

/**
 * {@link PlacedCheck}s of that name (`$3`) that a table (`$1`, `$2`) has, made on it or on what it inherits from.
 * Nowhere else can one be taken off.
 */
export const selectChecksOfTable = `
  with recursive held as (
    select k.oid, k.conrelid, k.coninhcount from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
     where k.contype = 'c' and n.nspname = $1 and c.relname = $2 and k.conname = $3
    union
    select p.oid, p.conrelid, p.coninhcount from held h join pg_inherits i on i.inhrelid = h.conrelid
      join pg_constraint p on p.conrelid = i.inhparent and p.contype = 'c' and p.conname = $3 and not p.connoinherit
     where h.coninhcount > 0
  )
  select ${placed('table', 'k.conrelid::regclass::text')}, (
      with recursive heirs as (
        select i.inhrelid from pg_inherits i where i.inhparent = k.conrelid and not k.connoinherit
        union select i.inhrelid from heirs join pg_inherits i on i.inhparent = heirs.inhrelid)
      select coalesce(json_agg(json_build_object('place', o.conrelid::regclass::text, 'comment', d.description)), '[]')
        from heirs join pg_constraint o on o.conrelid = heirs.inhrelid and o.contype = 'c' and o.conname = $3
        join pg_description d on d.objoid = o.oid and d.classoid = 'pg_constraint'::regclass) as heirs
    from held join pg_constraint k on k.oid = held.oid where held.coninhcount = 0 order by 2`;

/** The same of a domain, or of one that it is made of. */
export const selectChecksOfDomain = `
  with recursive base as (
    select t.oid, t.typbasetype from pg_type t join pg_namespace n on n.oid = t.typnamespace
     where t.typtype = 'd' and n.nspname = $1 and t.typname = $2
    union select b.oid, b.typbasetype from base join pg_type b on b.oid = base.typbasetype and b.typtype = 'd'
  )
  select ${placed('domain', 'k.contypid::regtype::text')}, '[]'::json as heirs
    from base join pg_constraint k on k.contypid = base.oid where k.contype = 'c' and k.conname = $3 order by 2`;

/** The NOT NULL of a column (`$3`), if it is a constraint that need not hold for every row. */
export const selectNotNull = `
  select ${placed('table', 'k.conrelid::regclass::text')}, '[]'::json as heirs
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum = any (k.conkey)
   where k.contype = 'n' and not k.convalidated and k.coninhcount = 0 and n.nspname = $1 and c.relname = $2 and a.attname = $3`;

/** Until its rows are back: see {@link CheckConstraint}. */
export const takeCheckOff = (table: TableName, { name }: CheckConstraint): Statement => ({
  sql: `alter table ${qualifiedName(table)} drop constraint ${quoteIdentifier(name)}`,
  why: 'Rows that it once accepted are written again; it is added after them',
});

/** The same for one that may be a domain's. */
export const takePlacedOff = ({ on, place, name }: PlacedCheck): Statement => ({
  sql: `alter ${on} ${place} drop constraint ${quoteIdentifier(name)}`,
  why: 'For rows that it once accepted, in this transaction only',
});

/** A CHECK, NOT NULL or foreign key. For new rows at once; whether the others fulfil it is another question: {@link validate}. */
export const putConstraintOn = (table: TableName, constraint: CheckConstraint): Statement[] =>
  putPlacedOn({ ...constraint, on: 'table', place: qualifiedName(table), heirs: [] });

/** The same for one that may be a domain's. What inherits it gets it, too. */
export function putPlacedOn({ on, place, name, definition, comment, heirs }: PlacedCheck): Statement[] {
  const comments = [...(comment === null ? [] : [{ place, comment }]), ...heirs];
  const of = on === 'domain' ? 'domain ' : '';
  return [
    {
      sql: `alter ${on} ${place} add constraint ${quoteIdentifier(name)} ${definition}${isTold(definition) ? '' : ' NOT VALID'}`,
      why: 'As it was, for everything written from now on',
    },
    ...comments.map((each) => ({
      sql: `comment on constraint ${quoteIdentifier(name)} on ${of}${each.place} is ${quoteLiteral(each.comment)}`,
      why: 'Its comment',
    })),
  ];
}

/** Reads the table while others write. Only for one that was valid: what was none is none. */
export const validate = (table: TableName, name: string): string =>
  `alter table ${qualifiedName(table)} validate constraint ${quoteIdentifier(name)}`;

/** The same for one that may be a domain's, whose columns are read then. */
export const validateCheck = ({ on, place, name }: Pick<PlacedCheck, 'on' | 'place' | 'name'>): string =>
  `alter ${on} ${place} validate constraint ${quoteIdentifier(name)}`;

const isTold = (definition: string): boolean => / (?:NOT VALID|NOT ENFORCED)$/.test(definition);
