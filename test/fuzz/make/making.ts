import type { Draw } from './draw';
import { nameKinds, nameOf, quoted, type NameKind } from './names';
import type { Part, ServerNeed, Stage } from './parts';
import { madeTypes, type ColumnType } from './types';

/** A case while it is being made: what is there by now, and how more is added. */
export interface Making {
  draw: Draw;
  parts: Part[];
  tables: Table[];
  /** A name that nobody in this case has. */
  name(kind?: NameKind): string;
  add(part: { id: string } & Partial<Part>): string;
  /** One statement as a part; returns its id. */
  say(what: Told): string;
  /** The part that makes a type; returns its id. */
  use(made: string): string;
}

export interface Told {
  feature: string | readonly string[];
  at: Stage;
  sql: string;
  needs?: readonly string[];
  as?: string;
  server?: ServerNeed | undefined;
}

export interface Table {
  id: string;
  schema: string;
  name: string;
  /** In quotes, with its schema. */
  sql: string;
  owner: string;
  columns: Column[];
  /** Of the primary key; empty: none. */
  key: Column[];
  /** How many rows it gets. */
  rows: number;
  /** Its key is checked at the end of a transaction: nothing may point at it. */
  hasDeferrableKey?: boolean;
  /** It is attached to a table that is made like it: what holds for every row of that one has to hold for all of its own. */
  isAttached?: boolean;
  kind: 'plain' | 'unlogged' | 'partitioned';
}

export interface Column {
  id: string;
  name: string;
  type: ColumnType;
  notNull: boolean;
  /** The server gives the value. */
  generated: boolean;
  /** Each row has a value of its own. */
  isUnique: boolean;
  /** A B-tree takes no value of more than about 2.7 kB. */
  isIndexed: boolean;
  /** Instead of a drawn value. */
  values?: (row: number, draw: Draw) => string;
}

/** Roles that are there for every case: owners, those who get rights, and the worker's. */
export const roles = {
  owners: ['fuzz_owner', 'Fuzz Owner "Ü"'],
  others: ['fuzz_reader', 'fuzz "writer"', 'fuzz_grantee'],
  worker: 'fuzz_worker',
} as const;

export function openMaking(draw: Draw): Making {
  const parts: Part[] = [];
  const names = draw.of('names');
  let named = 0;
  const add: Making['add'] = (part) => {
    if (!parts.some(({ id }) => id === part.id)) parts.push({ features: [], needs: [], ...part });
    return part.id;
  };
  return {
    ...{ draw, parts, add, tables: [] },
    name: (kind = names.weighted(nameKinds)) => nameOf(names, kind, (named += 1)),
    say: ({ feature, at, sql, needs = [], as, server }) =>
      add({
        id: `${[feature].flat()[0] ?? at} ${parts.length}`,
        ...{ features: [feature].flat(), needs, statements: [{ at, sql, ...(as !== undefined && { as }) }] },
        ...(server && { server }),
      }),
    use: (made) => {
      const part = madeTypes.find(({ id }) => id === made);
      if (part === undefined) throw new Error(`expected a part that makes "${made}", found none`);
      return add(part);
    },
  };
}

/** A schema by its name; `public` is there. */
export function useSchema(making: Making, name: string): string[] {
  if (name === 'public') return [];
  const sql = `create schema ${quoted(name)} authorization ${quoted(roles.owners[0])}; grant create, usage on schema ${quoted(name)} to ${roles.owners.map(quoted).join(', ')}`;
  return [making.add({ id: `schema ${name}`, features: ['another schema'], statements: [{ at: 'schemas', sql }] })];
}

/** Adds a column to a table: a part that other parts can need. */
export function addColumn(
  making: Making,
  table: Table,
  type: ColumnType,
  more: Partial<Column> & { rest?: string; features?: string[] } = {},
): Column {
  const { rest = '', features = [], ...facts } = more;
  const name = facts.name ?? making.name();
  const id = `${table.id}.${name}`;
  const column: Column = {
    ...{ id, name, type, notNull: false, generated: false, isUnique: false, isIndexed: false },
    ...facts,
  };
  const line = `${quoted(name)} ${type.sql}${rest}`;
  making.add({
    ...{ id, features: [`type: ${type.name}`, ...features], line: { table: table.id, text: line } },
    ...{ needs: [table.id, ...(type.made ?? []).map(making.use)], ...(type.server && { server: type.server }) },
    ...(!column.generated && { column: { table: table.id, name } }),
  });
  table.columns.push(column);
  return column;
}
