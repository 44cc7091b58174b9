import { writtenName } from '../../../../contract/text/object-name';
import { makeForeignKey } from '../make-keys';
import { addAnyColumn, makeTable } from '../make-tables';
import { addColumn, type Column, type Making } from '../making';
import { literal } from '../names';
import { longText, oddTexts, typeNamed, types } from '../types';
import { keyOf, keyPart, keysOfRows, nameIn, type DatabaseRemoval, type Target } from './removal';

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
export function replaced(making: Making): DatabaseRemoval {
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

/** Each found again by its row. */
export function byRow(making: Making): DatabaseRemoval {
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

/** A text that a number replaces. */
export function byCast(making: Making): DatabaseRemoval {
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
