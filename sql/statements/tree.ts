/**
 * Trees as the grammar gives them: a node is an object with one property, its kind, which holds its fields. Some fields
 * hold the fields of a node directly, without its kind ("bare").
 */
export type Node = Record<string, Fields>;
export type Fields = Record<string, unknown>;

/** Empty for what has none. */
export const kindOf = (node: Node): string => Object.keys(node)[0] ?? '';
export const fieldsOf = (node: Node): Fields => Object.values(node)[0] ?? {};

export const node = (kind: string, fields: Fields): Node => ({ [kind]: fields });

/** A name of one or more parts: `pg_catalog.lower`. A part that is no name (`*`) is undefined. */
export const partsOf = (names: unknown): (string | undefined)[] =>
  (Array.isArray(names) ? (names as { String?: { sval?: string } }[]) : []).map((part) =>
    part.String === undefined ? undefined : (part.String.sval ?? ''),
  );

/** A name of these parts, as the grammar gives it. */
export const nameNodes = (...parts: string[]): Node[] => parts.map((sval) => node('String', { sval }));

/** The same of something in `pg_catalog`. */
export const systemName = (name: string): Node[] => nameNodes('pg_catalog', name);

/** Where something stood in the text; of no meaning. */
const places = new Set([
  ...['location', 'stmt_location', 'stmt_len', 'list_start', 'list_end', 'rexpr_list_start', 'rexpr_list_end'],
]);

/** One text for all trees that mean the same: without places, fields in one order, `a and (b and c)` as `a and b and c`. */
export const meaningOf = (tree: Node): string => JSON.stringify(withoutPlaces(mapTree(tree, flattened)));

function flattened(kind: string, { boolop, args, ...fields }: Fields): Node | undefined {
  if (kind !== 'BoolExpr' || boolop === 'NOT_EXPR') return undefined;
  const flat = (args as Node[]).flatMap((arg) =>
    arg['BoolExpr']?.['boolop'] === boolop ? (arg['BoolExpr']?.['args'] as Node[]) : [arg],
  );
  return node(kind, { ...fields, boolop, args: flat });
}

function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !places.has(name))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [name, withoutPlaces(each)]),
  );
}

/** A copy in which `change` has replaced whatever it has an answer for; from the leaves to the root. */
export function mapTree<T>(value: T, change: (kind: string, fields: Fields) => Node | undefined): T {
  if (Array.isArray(value)) return value.map((each: unknown) => mapTree(each, change)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, mapTree(each as unknown, change)]),
  );
  const [kind, ...more] = Object.keys(copy);
  if (kind === undefined || more.length > 0 || !/^[A-Z]/.test(kind)) return copy as T;
  return (change(kind, copy[kind] as Fields) ?? copy) as T;
}
