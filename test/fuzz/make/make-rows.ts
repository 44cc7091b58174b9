import type { Column, Making, Table } from './making';
import { longText } from './types';

/** Random rows; numbered from 1. What has to be unique or must point at something is. */
export function makeRows(making: Making, table: Table): void {
  for (let row = 1; row <= table.rows; row += 1) {
    const values: Record<string, string> = {};
    for (const column of table.columns) {
      if (column.generated) continue;
      const value = valueOf(making, column, row);
      if (value !== undefined) values[column.id] = value;
    }
    making.add({ id: `row ${row} of ${table.id}`, row: { table: table.id, values }, needs: [table.id] });
  }
}

function valueOf(making: Making, column: Column, row: number): string | undefined {
  const { draw } = making;
  if (column.values !== undefined) return column.values(row, draw);
  const { type, notNull, isUnique, isIndexed } = column;
  if (isUnique) return type.distinct?.(row) ?? undefined;
  if (!notNull && draw.chance(0.2)) return 'null';
  if (type.textual && !isIndexed && ['text', 'citext'].includes(type.name)) {
    if (draw.chance(0.04)) return longText(100, `${column.name}${row}`); // 3.2 kB: more than a B-tree takes
    if (draw.chance(0.04)) return longText(300, `${column.name}${row}`); // 9.6 kB: more than a page
  }
  return draw.pick(type.odd);
}

/** Some value of a column that need not be unique. */
export const pick = ({ draw }: Making, { type }: Column): string => draw.pick(type.odd);

/** Rows of this table point at the first ones of the other one. */
export function pointAt(making: Making, column: Column, other: Table): void {
  const [key] = other.key;
  if (key === undefined) return;
  column.values = (_, draw) =>
    other.rows === 0 || (!column.notNull && draw.chance(0.2))
      ? 'null'
      : (key.type.distinct?.(draw.int(1, other.rows)) ?? 'null');
}
