import type { CheckConstraint } from './checks';
import type { Right, Rights } from './rights';

/** What the catalogue said of something; the adapters' snapshot has this shape. */
export interface Catalogue {
  objects: Readonly<Record<string, CatalogueFacts>>;
}

/**
 * What the catalogue says of one object, mostly by the names of its columns there (PostgreSQL documentation, "System
 * Catalogs").
 */
export type CatalogueFacts = Readonly<Record<string, unknown>>;

/** A constraint that held for every row. */
export interface CapturedConstraint {
  name: string;
  kind: 'constraint' | 'foreign key';
}

/**
 * Constraints that held for every row, as far as somebody has to ask the rows about them.
 *
 * @param relation the table's name, as the server prints it
 */
export function validConstraints({ objects }: Catalogue, relation: string): CapturedConstraint[] {
  return Object.values(objects).flatMap(({ contype, conname, conrelid, convalidated }) => {
    if (conrelid !== relation || convalidated !== true || typeof conname !== 'string') return [];
    if (contype !== 'c' && contype !== 'f' && contype !== 'n') return [];
    return [{ name: conname, kind: contype === 'f' ? 'foreign key' : 'constraint' }];
  });
}

/** Constraints of this kind that are a table's own: `c` = CHECK, `f` = foreign key, `n` = NOT NULL (since PostgreSQL 18). */
export const ownConstraints = (catalogue: Catalogue, relation: string, kind: 'c' | 'f' | 'n'): NamedConstraint[] =>
  constraintsOf(catalogue, relation, { kind, isOwn: true });

/** Since PostgreSQL 18; those of a partition are both its own and, as the server notes them, from the table above it. */
export const notNullConstraints = (catalogue: Catalogue, relation: string): NamedConstraint[] =>
  [true, false].flatMap((isOwn) => constraintsOf(catalogue, relation, { kind: 'n', isOwn }));

/** CHECKs and foreign keys that a partition has from the table above it: with them as its own a table can be attached there. */
export const inheritedConstraints = (catalogue: Catalogue, relation: string): NamedConstraint[] =>
  (['c', 'f'] as const).flatMap((kind) => constraintsOf(catalogue, relation, { kind, isOwn: false }));

type NamedConstraint = CheckConstraint & { object: string };

function constraintsOf(
  { objects }: Catalogue,
  relation: string,
  { kind, isOwn }: { kind: 'c' | 'f' | 'n'; isOwn: boolean },
): NamedConstraint[] {
  return Object.entries(objects).flatMap(([object, facts]) => {
    const { contype, conname, conrelid, definition, comment, conislocal } = facts;
    if (contype !== kind || conrelid !== relation || (conislocal === true) !== isOwn) return [];
    if (typeof conname !== 'string' || typeof definition !== 'string') return [];
    return [{ object, name: conname, definition, comment: typeof comment === 'string' ? comment : null }];
  });
}

/** What a row that comes back needs of its table: columns of these types, in this order. */
export function hasSameColumns(one: Catalogue, other: Catalogue): boolean {
  return shapeOf(one) === shapeOf(other);
}

const shapeOf = ({ objects }: Catalogue): string =>
  Object.entries(objects)
    .filter(([object, { columns }]) => object.startsWith('table column ') || columns !== undefined)
    .map(([object, facts]) => {
      const { columns, atttypid, atttypmod, attcollation, attgenerated, attidentity } = facts;
      return JSON.stringify([object, columns, atttypid, atttypmod, attcollation, attgenerated, attidentity]);
    })
    .sort()
    .join();

const lists = ['relacl', 'attacl', 'typacl'] as const;

/** Every list of rights in it; `owner` = of a column whose table is not in it. */
export function rightsIn({ objects }: Catalogue, owner: string): Rights[] {
  return Object.entries(objects).flatMap(([object, facts]) => {
    const list = lists.map((name) => facts[name]).find((value) => value !== undefined);
    const hasRights = /^(?:table column|table|sequence|type) /.test(object) && !object.endsWith('[]');
    if (!hasRights) return [];
    const own = facts.relowner ?? facts.typowner ?? objects[tableOf(object)]?.relowner;
    return [{ object, owner: typeof own === 'string' ? own : owner, rights: (list ?? []) as Right[] }];
  });
}

const tableOf = (column: string): string =>
  column.replace(/^table column (.+)\.(?:"(?:[^"]|"")+"|[^."]+)$/s, 'table $1');

/** Roles of a server. */
export interface Roles {
  names: ReadonlySet<string>;
  /** Ours: what an owner that is gone had is ours now. */
  own: string;
}

const owners = ['relowner', 'typowner', 'stxowner'] as const;

/** As it can come back: without rights to and from roles that are gone, and ours what belonged to one of them. */
export function withoutRolesThatAreGone<T extends Catalogue>(catalogue: T, { names, own }: Roles): T {
  const gone = (role: unknown): boolean => typeof role === 'string' && role !== 'public' && !names.has(role);
  const lost = new Set(
    Object.values(catalogue.objects).flatMap((facts) => owners.map((name) => facts[name]).filter(gone)),
  );
  const heir = (role: string): string => (lost.has(role) ? own : role);
  const objects = Object.entries(catalogue.objects).map(([object, facts]) => {
    const kept: Record<string, unknown> = { ...facts };
    for (const name of owners) if (lost.has(kept[name])) kept[name] = own;
    for (const name of lists) {
      if (kept[name] === undefined) continue;
      const list = (kept[name] as Right[])
        .map((right) => ({ ...right, grantee: heir(right.grantee), grantor: heir(right.grantor) }))
        .filter(({ grantee, grantor }) => !gone(grantee) && !gone(grantor));
      if (list.length === 0) delete kept[name];
      else kept[name] = list;
    }
    return [object, kept] as const;
  });
  return { ...catalogue, objects: Object.fromEntries(objects) };
}
