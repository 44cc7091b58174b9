import { quoted } from './names';

/**
 * A schema as a list of parts, so that a fault can be made small: parts are left out for as long as it stays. A part says
 * which others it needs; who leaves one out leaves those out that need it.
 */
export interface Part {
  id: string;
  /** What it is an example of, for the coverage. */
  features: readonly string[];
  needs: readonly string[];
  /** What the server must have; parts that need something else are left out there. */
  server?: ServerNeed;
  statements?: readonly Timed[];
  /** A table; its columns and constraints are parts of their own. */
  table?: { name: string; kind?: string; suffix?: string; as?: string };
  /** One line of a table's definition. */
  line?: { table: string; text: string };
  /** A row; values by the id of their column, as SQL. */
  row?: { table: string; values: Readonly<Record<string, string>> };
  /** Done by the application after the final copy was taken, if it is not refused. */
  write?: { sql: string; as: string };
  /** A column that a row may have a value for. */
  column?: { table: string; name: string };
}

/** Said in the order of {@link stages}. `as`: the role that says it. */
export interface Timed {
  at: Stage;
  sql: string;
  as?: string;
}

export interface ServerNeed {
  contrib?: true;
  icu?: true;
  atLeast?: number;
  /** The first version that refuses it. */
  below?: number;
}

/** In which order a database is made. */
export const stages = [
  ...([
    'schemas',
    'extensions',
    'types',
    'functions',
    'defaults',
    'sequences',
    'tables',
    'partitions',
    'holes',
  ] as const),
  ...(['rows', 'after the rows', 'keys', 'constraints', 'indexes', 'foreign keys', 'statistics', 'settings'] as const),
  ...([
    'code',
    'views',
    'policies',
    'publications',
    'comments',
    'rights',
    'moved sequences',
    'event triggers',
  ] as const),
] as const;

export type Stage = (typeof stages)[number];

/** A statement, and the part that it comes from. */
export interface Said {
  part: string;
  sql: string;
}

/** All statements of these parts, in their order. */
export function statementsOf(parts: readonly Part[]): Said[] {
  const timed = parts.flatMap((part) => [
    ...(part.table ? [{ at: 'tables' as const, ...tableOf(part, parts) }] : []),
    ...(part.row ? [{ at: 'rows' as const, part: part.id, sql: insertOf(part.row, parts) }] : []),
    ...(part.statements ?? []).map(({ at, sql, as }) => ({ at, part: part.id, sql: saidAs(as, sql) })),
  ]);
  return stages.flatMap((stage) => timed.filter(({ at }) => at === stage).map(({ part, sql }) => ({ part, sql: sql })));
}

function tableOf({ id, table }: Part, parts: readonly Part[]): Said {
  const { name, kind = 'table', suffix = '', as } = table ?? { name: '' };
  const lines = parts.flatMap(({ line }) => (line?.table === id ? [line.text] : []));
  return { part: id, sql: saidAs(as, `create ${kind} ${name} (${lines.join(', ')})${suffix}`) };
}

function insertOf({ table, values }: NonNullable<Part['row']>, parts: readonly Part[]): string {
  const name = parts.find(({ id }) => id === table)?.table?.name ?? '';
  const columns = parts.flatMap(({ id, column }) => {
    const value = values[id];
    return column === undefined || value === undefined ? [] : [{ name: quoted(column.name), value }];
  });
  if (columns.length === 0) return `insert into ${name} default values`;
  const names = columns.map((each) => each.name).join(', ');
  return `insert into ${name} (${names}) overriding system value values (${columns.map(({ value }) => value).join(', ')})`;
}

/** What the application does after the final copy. */
export const writesOf = (parts: readonly Part[]): string[] =>
  parts.flatMap(({ write }) => (write === undefined ? [] : [saidAs(write.as, write.sql)]));

const saidAs = (role: string | undefined, sql: string): string =>
  role === undefined ? sql : `set role ${quoted(role)}; ${sql}; reset role`;

/** Without these, and without whatever needs one of them. */
export function without(parts: readonly Part[], gone: ReadonlySet<string>): Part[] {
  const missing = new Set(gone);
  let left = parts.filter(({ id }) => !missing.has(id));
  for (;;) {
    const there = new Set(left.map(({ id }) => id));
    const next = left.filter(({ needs, row }) => [...needs, ...(row ? [row.table] : [])].every((id) => there.has(id)));
    if (next.length === left.length) return left;
    left = next;
  }
}
