import { addColumn, roles, useSchema, type Column, type Making, type Table } from './making';
import { literal, quoted } from './names';
import { typeNamed, types, type ColumnType } from './types';

/** How a table is to be, where that is not left to chance. */
export interface TableWish {
  /** Types of the primary key's columns; empty = no key. */
  key?: readonly string[];
  kind?: Table['kind'];
  /** Rows, at least. */
  rows?: number;
  schema?: string;
  columns?: number;
}

/** A table with columns of random types; nothing on it yet. */
export function makeTable(making: Making, wish: TableWish = {}): Table {
  const { draw } = making;
  const schema =
    wish.schema ??
    draw.weighted([
      [3, 'public'],
      [1, 'Other Schema'],
      [1, 'other'],
    ] as const);
  const name = making.name();
  const owner = draw.weighted([
    [3, roles.owners[0]],
    [1, roles.owners[1]],
  ] as const);
  const kind =
    wish.kind ??
    draw.weighted([
      [8, 'plain'],
      [1, 'unlogged'],
    ] as const);
  const sql = `${quoted(schema)}.${quoted(name)}`;
  const table: Table = { id: `table ${schema}.${name}`, schema, name, sql, owner, columns: [], key: [], rows: 0, kind };
  making.add({
    ...{ id: table.id, needs: useSchema(making, schema), features: [kind === 'unlogged' ? 'unlogged table' : 'table'] },
    table: { name: sql, as: owner, ...(kind === 'unlogged' && { kind: 'unlogged table' }) },
  });
  table.rows = draw.chance(0.1) ? (wish.rows ?? 0) : draw.int(wish.rows ?? 1, 24);
  addKey(making, table, wish);
  const columns = wish.columns ?? draw.int(1, 6);
  for (let n = 0; n < columns; n += 1) addAnyColumn(making, table);
  if (draw.chance(0.2)) addGenerated(making, table);
  if (draw.chance(0.3)) addHole(making, table);
  making.tables.push(table);
  return table;
}

const keys: readonly (readonly [number, readonly string[]])[] = [
  [4, ['integer']],
  [2, ['bigint']],
  [2, ['uuid']],
  [1, ['text']],
  [1, ['citext']],
  [1, ['text without case']],
  [1, ['numeric']],
  [1, ['integer', 'text']],
  [1, ['smallint', 'timestamptz', 'varchar(40)']],
];

function addKey(making: Making, table: Table, wish: TableWish): void {
  const { draw } = making;
  const wanted = wish.key ?? (draw.chance(0.1) ? [] : draw.weighted(keys));
  if (wanted.length === 0) return;
  const isIdentity = wanted.length === 1 && ['integer', 'bigint'].includes(wanted[0] ?? '') && draw.chance(0.35);
  const identity = isIdentity ? identityOf(making) : undefined;
  for (const name of wanted) {
    const facts = { notNull: true, isUnique: true, isIndexed: true };
    const column = addColumn(making, table, typeNamed(name), {
      ...facts,
      ...(identity && { rest: identity, features: ['identity'] }),
    });
    table.key.push(column);
  }
  const { owner, sql, id, key } = table;
  const deferrable = draw.chance(0.1) ? ' deferrable initially deferred' : '';
  table.hasDeferrableKey = deferrable !== '';
  const name = making.name();
  making.add({
    ...{ id: `key of ${table.id}`, features: ['primary key', ...(key.length > 1 ? ['composite key'] : [])] },
    ...{ needs: [id, ...key.map((column) => column.id)], ...serverOf(key) },
    statements: [
      {
        ...{ at: 'keys', as: owner },
        sql: `alter table ${sql} add constraint ${quoted(name)} primary key (${key.map((each) => quoted(each.name)).join(', ')})${deferrable}`,
      },
    ],
  });
}

function identityOf({ draw }: Making): string {
  const options = draw.pick([
    '',
    ' (start 100 increment 7 cache 3)',
    ' (minvalue -50 start -50)',
    ' (maxvalue 99999 cycle)',
  ]);
  return ` generated ${draw.pick(['always', 'by default'])} as identity${options}`;
}

const serverOf = (columns: readonly Column[]) => {
  const server = columns.map(({ type }) => type.server).find((need) => need !== undefined);
  return server === undefined ? {} : { server };
};

/** Of any type, with what a column of it may have. */
export function addAnyColumn(making: Making, table: Table, wish: Partial<Column> & { type?: ColumnType } = {}): Column {
  const { draw } = making;
  const { type = draw.pick(types), ...facts } = wish;
  const hasDefault = facts.notNull === undefined && type.defaults !== undefined && draw.chance(0.25);
  const notNull = facts.notNull ?? draw.chance(0.15);
  const compressed = type.sql === 'text' && draw.chance(0.15) ? ' compression pglz' : '';
  const rest = [
    compressed,
    hasDefault ? ` default ${draw.pick(type.defaults ?? [])}` : '',
    notNull ? ' not null' : '',
    hasDefault && type.textual && draw.chance(0.2) ? ` check (length(${'$'}) >= 0)` : '',
  ];
  const name = facts.name ?? making.name();
  return addColumn(making, table, type, {
    ...{ ...facts, name, notNull, rest: rest.join('').replace('$', quoted(name)) },
    features: [
      ...(hasDefault ? ['default'] : []),
      ...(notNull ? ['not null'] : []),
      ...(compressed ? ['compression'] : []),
    ],
  });
}

/** From another column, stored or (since 18) virtual. */
function addGenerated(making: Making, table: Table): void {
  const { draw } = making;
  const from = table.columns.find(
    ({ type, generated }) => type.name === 'text' || (type.name === 'integer' && !generated),
  );
  if (from === undefined) return;
  const isVirtual = draw.chance(0.3);
  const expression = from.type.name === 'text' ? `length(${quoted(from.name)})` : `${quoted(from.name)}::bigint * 2`;
  const type = typeNamed('bigint');
  const name = making.name();
  const id = `${table.id}.${name}`;
  making.add({
    ...{ id, features: [isVirtual ? 'virtual generated column' : 'generated column'], needs: [table.id, from.id] },
    line: {
      table: table.id,
      text: `${quoted(name)} bigint generated always as (${expression}) ${isVirtual ? 'virtual' : 'stored'}`,
    },
    ...(isVirtual && { server: { atLeast: 18 } }),
  });
  table.columns.push({ id, name, type, notNull: false, generated: true, isUnique: false, isIndexed: isVirtual });
}

/** The number of a dropped column is never given again. */
function addHole(making: Making, table: Table): void {
  const name = quoted(making.name());
  const { id, sql, owner } = table;
  making.add({
    ...{ id: `hole in ${id}`, features: ['hole of a dropped column'], needs: [id] },
    ...(making.draw.chance(0.5)
      ? { line: { table: id, text: `${name} text default 'gone'` } }
      : { statements: [{ at: 'holes' as const, as: owner, sql: `alter table ${sql} add column ${name} int` }] }),
  });
  const at = making.draw.chance(0.5) ? 'holes' : 'after the rows';
  making.add({
    ...{ id: `hole made in ${id}`, needs: [`hole in ${id}`] },
    statements: [{ at, as: owner, sql: `alter table ${sql} drop column ${name}` }],
  });
}

/** Comments on whatever takes one; the text looks like what a dump has. */
export const commentText = (making: Making): string =>
  literal(making.draw.pick(["it's so", '--\n-- Name: not a heading; Type: TABLE', 'x', 'é\\n"quoted"', '$$']));
