import { writtenName, writtenShort } from '../../../contract/text/object-name';
import type { Removes } from '../../../contract/plan/removals';
import { makeIndexes } from './make-indexes';
import { makeForeignKey } from './make-keys';
import { partitions } from './make-partitions';
import { addAnyColumn, makeTable } from './make-tables';
import { addColumn, type Column, type Making, type Table } from './making';
import { literal } from './names';
import { longText, oddTexts, typeNamed, types } from './types';

export type RemovalKind = 'replaced' | 'by row' | 'by cast' | 'tables' | 'rows' | 'partitions' | 'indexes';

/** What a plan removes, by the parts that it needs. */
export interface Target {
  table: Table;
  /** Of columns. */
  column?: Column;
  entry: Removes[number];
  needs: readonly string[];
}

export interface DatabaseRemoval {
  kind: RemovalKind;
  proof?: string;
  targets: Target[];
}

export const makeRemoval = (making: Making, kind: RemovalKind): DatabaseRemoval => makers[kind](making);

const nameIn = ({ schema, name }: Table, column?: string): string => writtenShort({ schema, table: name, column });

const keyOf = ({ key }: Table): { primaryKey?: string[] } =>
  key.length === 0 ? {} : { primaryKey: key.map(({ name }) => writtenName(name)) };

const keyPart = (table: Table): string[] => (table.key.length === 0 ? [] : [`key of ${table.id}`]);

const hashes: readonly [proof: string, of: (removed: string) => string][] = [
  [
    `replacement = encode(sha256(convert_to(removed, 'UTF8')), 'hex')`,
    (s) => `encode(sha256(convert_to(${s}, 'UTF8')), 'hex')`,
  ],
  ['replacement = md5(removed)', (s) => `md5(${s})`],
  ['replacement = removed', (s) => s],
  [`replacement = 'k:' || removed`, (s) => `'k:' || ${s}`],
  ['removed = replacement', (s) => s],
];

/** The same few values in one or two tables, each beside what follows from it. */
function replaced(making: Making): DatabaseRemoval {
  const { draw } = making;
  const [proof, of] = draw.pick(hashes);
  const pool = draw.some(oddTexts, 6).concat('one');
  const type = typeNamed(
    draw.weighted([
      [10, 'text'],
      [3, 'text of a collation'],
      [1, 'varchar(40)'],
      [1, 'char(8)'],
      [1, 'citext'],
    ] as const),
  );
  const targets = Array.from({ length: draw.int(1, 2) }, (): Target => {
    const table = makeTable(making);
    const chosen: Record<number, string> = {};
    const column = addColumn(making, table, type);
    const by = addColumn(making, table, typeNamed('text'));
    column.values = (row, values) => {
      const isLong = type.name === 'text' && !column.isIndexed && !by.isIndexed && values.chance(0.05);
      const text = isLong
        ? longText(300, `secret ${row % 2}`)
        : literal(values.pick(pool).slice(0, type.name === 'char(8)' ? 4 : 40));
      return (chosen[row] = values.chance(0.15) ? 'null' : text);
    };
    by.values = (row) => (chosen[row] === 'null' ? 'null' : of(`(${chosen[row]})::${type.sql.split(' ')[0]}::text`));
    const entry = { column: nameIn(table, column.name), replacedBy: writtenName(by.name) };
    return { table, column, entry, needs: [table.id, column.id, by.id] };
  });
  return { kind: 'replaced', proof, targets };
}

function byRow(making: Making): DatabaseRemoval {
  const { draw } = making;
  const table = makeTable(making, draw.chance(0.95) ? { key: draw.pick(keysOfRows) } : {});
  const usual = types.filter(({ name }) => !name.startsWith('domain'));
  const column = (): Column =>
    addAnyColumn(making, table, {
      type: draw.pick(draw.chance(0.9) ? usual : types),
      ...(draw.chance(0.85) && { notNull: false }),
    });
  const columns = Array.from({ length: draw.int(1, 3) }, column);
  const pointing = draw.chance(0.12)
    ? makeForeignKey(making, table, makeTable(making, { key: ['integer'] }))
    : undefined;
  const targets = [...columns, ...(pointing ? [pointing] : [])].map((each): Target => {
    const entry = { column: nameIn(table, each.name), ...keyOf(table) };
    return { table, column: each, entry, needs: [table.id, each.id, ...keyPart(table)] };
  });
  return { kind: 'by row', targets };
}

const keysOfRows = [
  ...[['integer'], ['bigint'], ['text'], ['uuid'], ['integer', 'text'], ['citext'], ['text without case'], ['numeric']],
  ...[['smallint', 'timestamptz', 'varchar(40)'], ['char(8)'], ['double precision'], ['text of a collation']],
];

/** A text that a number replaces. */
function byCast(making: Making): DatabaseRemoval {
  const { draw } = making;
  const table = makeTable(making, { key: draw.pick([['integer'], ['uuid'], ['integer', 'text']]) });
  const isBoth = draw.chance(0.5);
  const proof = isBoth
    ? 'removed = replacement::text'
    : `replacement = removed::${draw.pick(['bigint', 'numeric', 'integer'])}`;
  const type = typeNamed(draw.pick(['text', 'varchar(40)']));
  const number = typeNamed(draw.pick(['integer', 'bigint', 'numeric']));
  const chosen: Record<number, number | undefined> = {};
  const column = addColumn(making, table, type);
  const by = addColumn(making, table, number);
  column.values = (row, values) => {
    const value = values.chance(0.15) ? undefined : values.pick([row, 0, -5, 1_000_000]);
    chosen[row] = value;
    const text = isBoth ? `${value}` : values.pick([`${value}`, ` ${value}`, `${value}`.padStart(1, '0')]);
    return value === undefined ? 'null' : literal(text);
  };
  by.values = (row) => (chosen[row] === undefined ? 'null' : `${chosen[row]}`);
  const entry = { column: nameIn(table, column.name), replacedBy: writtenName(by.name), ...keyOf(table) };
  return {
    kind: 'by cast',
    proof,
    targets: [{ table, column, entry, needs: [table.id, column.id, by.id, ...keyPart(table)] }],
  };
}

function tables(making: Making): DatabaseRemoval {
  const { draw } = making;
  const made = Array.from({ length: draw.int(1, 3) }, () => makeTable(making, { key: draw.pick(keysOfRows) }));
  for (const [index, table] of made.entries())
    if (index > 0 && draw.chance(0.6)) makeForeignKey(making, table, made[index - 1]!);
  if (draw.chance(0.2)) makeForeignKey(making, made[0]!, made[0]!);
  return {
    kind: 'tables',
    targets: made.map((table) => ({
      table,
      entry: { table: nameIn(table), ...keyOf(table) },
      needs: [table.id, ...keyPart(table)],
    })),
  };
}

/** Types by which rows are chosen, with values that some equality takes for the same. */
const chooser: readonly (readonly [type: string, values: readonly string[]])[] = [
  ['integer', ['42', '7']],
  ['text', ['acme', 'Acme', 'other']],
  ['citext', ['acme', 'Acme', 'ACME', 'other']],
  ['text without case', ['acme', 'Acme', 'ACME', 'other']],
  ['numeric', ['1.0', '1.00', '1', '2']],
  ['char(8)', ['a', 'a ', 'b']],
  ['enum', ['fine', 'Fine']],
  ['boolean', ['t', 'f']],
  ['date', ['2024-02-29', 'infinity']],
  ['double precision', ['-0', '0', '1.5']],
  ['jsonb', ['{"a": 1.0}', '{"a": 1.00}', '[]']],
  ['text[]', ['{a,b}', '{}']],
  ['domain', ['a', 'A']],
  ['uuid', ['00000000-0000-0000-0000-000000000000']],
];

function rows(making: Making): DatabaseRemoval {
  const { draw } = making;
  const [typeName, values] = draw.pick(chooser);
  const value = values[0] ?? '';
  const made = Array.from({ length: draw.int(1, 2) }, () => {
    const table = makeTable(making, {
      key: draw.pick(keysOfRows),
      rows: 6,
    });
    const column = addColumn(making, table, typeNamed(typeName));
    // The first row is one that goes: a plan that removes nothing is another matter.
    column.values = (row, of) => literal(row === 1 ? value : of.pick(values));
    return {
      table,
      column,
      entry: { table: nameIn(table), where: { [writtenName(column.name)]: value }, ...keyOf(table) },
      needs: [table.id, column.id, ...keyPart(table)],
    };
  });
  const [first, second] = made;
  if (first !== undefined && second !== undefined && draw.chance(0.3))
    makeForeignKey(making, second.table, first.table);
  return { kind: 'rows', targets: made.map(({ column: _, ...target }) => target) };
}

/** Indexes alone, of one table or two, of every form that there is. */
function indexes(making: Making): DatabaseRemoval {
  const { draw } = making;
  const targets: Target[] = [];
  for (let tables = draw.int(1, 2); tables > 0 || targets.length === 0; tables -= 1) {
    const table = makeTable(making);
    addColumn(making, table, typeNamed('text'));
    for (const { id, name, unique } of makeIndexes(making, table)) {
      if (unique && draw.chance(0.8)) continue; // its rule is an obstacle
      targets.push({ table, entry: { index: nameIn({ ...table, name }) }, needs: [table.id, id] });
    }
  }
  return { kind: 'indexes', targets };
}

const makers: Record<RemovalKind, (making: Making) => DatabaseRemoval> = {
  replaced,
  'by row': byRow,
  'by cast': byCast,
  tables,
  rows,
  partitions,
  indexes,
};
