import type { CheckConstraint } from './checks';
import type { Right, Rights } from './rights';

/** What the catalogue said of something; the adapters' snapshot has this shape. */
export interface Catalogue {
  objects: Readonly<Record<string, CatalogueFacts>>;
}

export type CatalogueFacts = Readonly<Record<string, unknown>>;

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
export function ownConstraints({ objects }: Catalogue, relation: string, kind: 'c' | 'f' | 'n'): CheckConstraint[] {
  return Object.values(objects).flatMap(({ contype, conname, conrelid, definition, comment, conislocal }) => {
    if (contype !== kind || conrelid !== relation || conislocal !== true) return [];
    if (typeof conname !== 'string' || typeof definition !== 'string') return [];
    return [{ name: conname, definition, comment: typeof comment === 'string' ? comment : null }];
  });
}

/** The one table whose snapshot it is, as the server prints its name; undefined for a column's. */
export function relationOf({ objects }: Catalogue, table: string): string | undefined {
  const isIt = ([object, { columns }]: [string, CatalogueFacts]): boolean =>
    columns !== undefined && [`.${table}`, `."${table.replaceAll('"', '""')}"`].some((end) => object.endsWith(end));
  return Object.entries(objects)
    .find(isIt)?.[0]
    .replace(/^table /, '');
}

const lists = ['relacl', 'attacl', 'typacl'] as const;

/** Every list of rights in it; `owner` = of what has no owner of its own, such as a column. */
export function rightsIn({ objects }: Catalogue, owner: string): Rights[] {
  return Object.entries(objects).flatMap(([object, facts]) => {
    const list = lists.map((name) => facts[name]).find((value) => value !== undefined);
    const hasRights = /^(?:table column|table|sequence|type) /.test(object) && !object.endsWith('[]');
    if (!hasRights) return [];
    const own = facts.relowner ?? facts.typowner;
    return [{ object, owner: typeof own === 'string' ? own : owner, rights: (list ?? []) as Right[] }];
  });
}

/** Without rights to and from roles that are gone; what they owned is compared with nobody's. */
export function withoutRolesThatAreGone<T extends Catalogue>(catalogue: T, roles: ReadonlySet<string>): T {
  const isThere = ({ grantee, grantor }: Right): boolean =>
    [grantee, grantor].every((role) => role === 'public' || roles.has(role));
  const objects = Object.entries(catalogue.objects).map(([object, facts]) => {
    const kept = { ...facts };
    for (const name of lists) {
      if (kept[name] === undefined) continue;
      const list = (kept[name] as Right[]).filter(isThere);
      if (list.length === 0) delete kept[name];
      else kept[name] = list;
    }
    return [object, kept] as const;
  });
  return { ...catalogue, objects: Object.fromEntries(objects) };
}
